#include "firmware/control/outbox/outbox.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "platform/process/descriptor.hpp"

namespace postern::control {
namespace {

namespace files = std::filesystem;

constexpr std::string_view kHead = "POSTERN-MAIL 1\n";
constexpr std::string_view kHalf = ".part";
constexpr std::string_view kAside = ".aside";
constexpr std::size_t kMostBytes = 64u << 20;

// One word of a file's name: nothing that leads elsewhere.
std::string safe_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 200)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-' || c == '_';
    out += plain ? c : '_';
  }
  return out;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string take_line(std::string& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.erase(0, end == std::string::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::string outbox_directory(std::string_view database) {
  return (files::path(database).parent_path() / "outbox").string();
}

Result<void, Fault> prepare_outbox(const std::string& directory) {
  std::error_code failed;
  files::create_directories(directory, failed);
  if (failed) return fault("cannot make " + directory + ": " + failed.message());
  files::permissions(directory, files::perms::owner_all, failed);
  for (const auto& entry : files::directory_iterator(directory, failed)) {
    std::error_code ignored;
    if (entry.path().extension() == kHalf) files::remove(entry.path(), ignored);
  }
  return {};
}

Result<void, Fault> put_in_outbox(const std::string& directory, std::string_view name,
                                  const OutboxMail& mail) {
  const auto path = directory + "/" + safe_name(name) + ".mail";
  const auto half = path + std::string(kHalf);
  const process::Descriptor file(
      ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto head = std::string(kHead) + mail.from + "\n" + mail.to + "\n";
  if (!file || !write_all(file.get(), head) || !write_all(file.get(), mail.message) ||
      ::fsync(file.get()) != 0 || ::rename(half.c_str(), path.c_str()) != 0) {
    return fault("cannot write " + path + ": " + std::strerror(errno));
  }
  const process::Descriptor place(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::fsync(place.get());
  return {};
}

std::vector<std::string> list_outbox(const std::string& directory, std::size_t most) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : files::directory_iterator(directory, failed)) {
    if (entry.path().extension() == ".mail") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  if (names.size() > most) names.resize(most);
  return names;
}

std::optional<OutboxMail> read_from_outbox(const std::string& directory, const std::string& name) {
  std::ifstream file(directory + "/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.size() > kMostBytes || !text.starts_with(kHead)) return std::nullopt;
  text.erase(0, kHead.size());
  OutboxMail mail;
  mail.from = take_line(text);
  mail.to = take_line(text);
  mail.message = std::move(text);
  if (mail.from.empty() || mail.to.empty() || mail.message.empty()) return std::nullopt;
  return mail;
}

void remove_from_outbox(const std::string& directory, const std::string& name) {
  std::error_code ignored;
  files::remove(directory + "/" + name, ignored);
}

void set_aside_in_outbox(const std::string& directory, const std::string& name) {
  std::error_code ignored;
  files::rename(directory + "/" + name, directory + "/" + name + std::string(kAside), ignored);
}

}  // namespace postern::control
