// The message log: see the header.
#include "firmware/control/outcomes/message_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "firmware/control/outcomes/outcome_text.hpp"
#include "platform/log/log.hpp"

namespace postern::control {

namespace {

namespace files = std::filesystem;

std::string numbered(const std::string& path, std::uint64_t number) {
  return path + "." + std::to_string(number);
}

}  // namespace

void MessageLog::configure(const MessageLogSettings& settings) {
  if (settings.path != settings_.path) file_.reset();
  settings_ = settings;
}

bool MessageLog::open() {
  if (file_) return true;
  std::error_code ignored;
  files::create_directories(files::path(settings_.path).parent_path(), ignored);
  // 0640: who may read mail addresses is a matter of the group.
  file_.reset(::open(settings_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  struct stat facts {};
  if (!file_ || ::fstat(file_.get(), &facts) != 0) {
    const std::string why = std::strerror(errno);
    if (trouble_.empty())
      log::writef(log::Level::warning, "control", "cannot write %s: %s", settings_.path.c_str(), why.c_str());
    trouble_ = "cannot write " + settings_.path + ": " + why;
    file_.reset();
    return false;
  }
  trouble_.clear();
  bytes_ = static_cast<std::uint64_t>(facts.st_size);
  return true;
}

void MessageLog::set_aside() {
  std::error_code ignored;
  file_.reset();
  files::remove(numbered(settings_.path, settings_.kept), ignored);
  for (auto number = settings_.kept; number > 1; --number) {
    files::rename(numbered(settings_.path, number - 1), numbered(settings_.path, number), ignored);
  }
  files::rename(settings_.path, numbered(settings_.path, 1), ignored);
}

void MessageLog::write_lines(const std::string& lines) {
  if (settings_.path.empty() || !open()) return;
  if (bytes_ != 0 && bytes_ + lines.size() > settings_.most_bytes) {
    set_aside();
    if (!open()) return;
  }
  const auto written = ::write(file_.get(), lines.data(), lines.size());
  if (written != static_cast<ssize_t>(lines.size())) {
    trouble_ =
        "cannot write " + settings_.path + ": " + (written < 0 ? std::strerror(errno) : "the disk is full");
    file_.reset();
    return;
  }
  bytes_ += lines.size();
}

void MessageLog::add(const std::vector<ipc::Outcome>& outcomes) {
  if (outcomes.empty()) return;
  std::string lines;
  for (const auto& outcome : outcomes) {
    recent_.push_back({++count_, outcome});
    if (recent_.size() > kRecent) recent_.pop_front();
    lines += outcome_json(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  write_lines(lines);
}

std::vector<MessageLog::Numbered> MessageLog::recent(std::uint64_t after, std::size_t most) const {
  std::vector<Numbered> found;
  for (auto one = recent_.rbegin(); one != recent_.rend() && found.size() < most && one->number > after;
       ++one) {
    found.push_back(*one);
  }
  return {found.rbegin(), found.rend()};
}

}  // namespace postern::control
