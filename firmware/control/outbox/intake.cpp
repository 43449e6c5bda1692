#include "firmware/control/outbox/intake.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "platform/process/descriptor.hpp"

namespace postern::control {

namespace {

namespace files = std::filesystem;

constexpr std::string_view kEnding = ".report";
constexpr std::string_view kAside = ".unread";
constexpr std::size_t kMostAside = 20;

std::string name_of(Bytes report) {
  std::array<std::uint8_t, 16> digest{};
  crypto_generichash(digest.data(), digest.size(), report.data(), report.size(), nullptr, 0);
  std::array<char, 33> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return std::string(text.data()) + std::string(kEnding);
}

bool write_all(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string intake_directory(std::string_view database) {
  return (files::path(database).parent_path() / "reports-in").string();
}

Result<void, Fault> put_in_intake(const std::string& directory, Bytes report) {
  if (report.empty()) return fault("the report is empty");
  if (report.size() > kMostReportBytes) return fault("the report is larger than 4 MiB");
  if (list_intake(directory, kMostWaiting).size() >= kMostWaiting)
    return fault("too many reports wait to be looked at; try again later");
  const auto path = directory + "/" + name_of(report);
  const auto half = path + ".part";
  // The directory is the reporter's alone; so that it may run as a user of its own, the file is not
  // control's.
  const process::Descriptor file(
      ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file || !write_all(file.get(), report) || ::fsync(file.get()) != 0 ||
      ::rename(half.c_str(), path.c_str()) != 0) {
    return fault("cannot write " + path + ": " + std::strerror(errno));
  }
  return {};
}

std::vector<std::string> list_intake(const std::string& directory, std::size_t most) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : files::directory_iterator(directory, failed)) {
    if (names.size() >= most) break;
    if (entry.path().extension() == kEnding) names.push_back(entry.path().filename().string());
  }
  return names;
}

std::optional<std::string> read_from_intake(const std::string& directory, const std::string& name) {
  std::ifstream file(directory + "/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(kMostReportBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > kMostReportBytes) return std::nullopt;
  return content;
}

void set_aside_in_intake(const std::string& directory, const std::string& name) {
  std::vector<std::pair<files::file_time_type, files::path>> aside;
  std::error_code ignored;
  for (const auto& entry : files::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == kAside) aside.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  std::sort(aside.begin(), aside.end());
  for (std::size_t i = 0; i + kMostAside <= aside.size(); ++i) files::remove(aside[i].second, ignored);
  files::rename(directory + "/" + name, directory + "/" + name + std::string(kAside), ignored);
  if (ignored) remove_from_intake(directory, name);
}

void remove_from_intake(const std::string& directory, const std::string& name) {
  std::error_code ignored;
  files::remove(directory + "/" + name, ignored);
}

}  // namespace postern::control
