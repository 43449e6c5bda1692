// What is remembered besides the names: see the header.
#include "platform/slots/record.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "platform/process/descriptor.hpp"

namespace postern::slots {
namespace {

constexpr std::size_t kMostBytes = 16 * 1024;

template <typename T>
void read_number(std::string_view text, T& value) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) value = number;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

std::string Record::text() const {
  std::string all;
  const auto add = [&all](const std::string& key, const std::string& value) {
    if (!value.empty()) all += key + " " + one_line(value) + "\n";
  };
  add("floor", floor);
  for (const auto& [slot, version] : versions) add(std::string("version-") + letter(slot), version);
  for (const auto& [slot, version] : floors) add(std::string("floor-") + letter(slot), version);
  for (const auto& [slot, number] : generations)
    add(std::string("settings-") + letter(slot), std::to_string(number));
  if (confirm_number != 0) {
    add("confirm-number", std::to_string(confirm_number));
    add("confirm-minutes", std::to_string(confirm_minutes));
  }
  if (tried_number != 0) add("tried-number", std::to_string(tried_number));
  add("last", last);
  return all;
}

Record Record::parse(std::string_view text) {
  Record record;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const auto key = line.substr(0, space);
    const auto value = line.substr(space + 1);
    if (key == "floor") record.floor = value;
    if (key == "version-a") record.versions[Slot::a] = value;
    if (key == "version-b") record.versions[Slot::b] = value;
    if (key == "floor-a") record.floors[Slot::a] = value;
    if (key == "floor-b") record.floors[Slot::b] = value;
    if (key == "settings-a") read_number(value, record.generations[Slot::a]);
    if (key == "settings-b") read_number(value, record.generations[Slot::b]);
    if (key == "confirm-number") read_number(value, record.confirm_number);
    if (key == "confirm-minutes") read_number(value, record.confirm_minutes);
    if (key == "tried-number") read_number(value, record.tried_number);
    if (key == "last") record.last = value;
  }
  return record;
}

Record load_record(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.resize(std::min(text.size(), kMostBytes));
  return Record::parse(text);
}

Outcome<void> save_record(const std::filesystem::path& path, const Record& record) {
  const auto failed = [&path](const char* what) {
    return fault(std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(errno));
  };
  const auto temporary = path.string() + ".tmp";
  const auto text = record.text();
  {
    const process::Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return failed("write");
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return failed("write");
    if (::fsync(file.get()) != 0) return failed("sync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename");
  const process::Descriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return failed("sync the folder of");
  return {};
}

}  // namespace postern::slots
