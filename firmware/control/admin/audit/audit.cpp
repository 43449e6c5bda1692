// Who changed what, on disk: see the header.
#include "firmware/control/admin/audit/audit.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>

#include "firmware/control/outcomes/outcome_text.hpp"

namespace postern::admin {

namespace {

using Json = nlohmann::ordered_json;

// No line is longer; the last one lies in so much of the file's end.
constexpr std::size_t kLongestLine = 16 * 1024;
constexpr std::size_t kLongestText = 2000;

class Locked {
 public:
  explicit Locked(int fd) : fd_(fd) { ::flock(fd_, LOCK_EX); }
  ~Locked() { ::flock(fd_, LOCK_UN); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  int fd_;
};

// Nothing where there is none, or its end was lost in a crash.
std::string last_line(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(kLongestLine));
  std::string end(static_cast<std::size_t>(size - from), '\0');
  const auto got = ::pread(fd, end.data(), end.size(), from);
  end.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!end.empty() && end.back() == '\n') end.pop_back();
  const auto line_break = end.rfind('\n');
  return line_break == std::string::npos ? end : end.substr(line_break + 1);
}

bool holds(const Json& line, const std::string& text) {
  if (text.empty()) return true;
  for (const auto* name : {"action", "subject", "detail", "result", "source", "user"}) {
    const auto at = line.find(name);
    if (at != line.end() && at->is_string() &&
        at->get_ref<const std::string&>().find(text) != std::string::npos)
      return true;
  }
  return false;
}

process::Descriptor open_syslog() {
  process::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/dev/log");
  if (socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    socket.reset();
  return socket;
}

std::string cut(std::string text) {
  if (text.size() > kLongestText) text.resize(kLongestText);
  return text;
}

}  // namespace

struct Audit::State {
  std::string path;
  process::Descriptor file;
  process::Descriptor syslog;
  std::mutex mutex;
};

Audit::Audit(std::string path, process::Descriptor file, process::Descriptor syslog)
    : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  state_->file = std::move(file);
  state_->syslog = std::move(syslog);
}

Audit::Audit(Audit&&) noexcept = default;
Audit::~Audit() = default;

Result<Audit, Fault> Audit::open(const std::string& path) {
  process::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file) return fault("cannot open " + path + ": " + std::strerror(errno));
  return Audit(path, std::move(file), open_syslog());
}

Result<void, Fault> Audit::write(const AuditEntry& given, std::uint64_t wall_ns) {
  const std::lock_guard lock(state_->mutex);
  const int fd = state_->file.get();
  const Locked locked(fd);
  const auto before = Json::parse(last_line(fd), nullptr, false);
  const bool first = !before.is_object();
  AuditEntry entry = given;
  for (auto* text : {&entry.user, &entry.source, &entry.subject, &entry.result, &entry.detail})
    *text = cut(std::move(*text));
  const auto line = audit_line(entry, first ? 1 : before.value("number", std::uint64_t{0}) + 1,
                               control::time_text(wall_ns), first ? "" : before.value("hash", "")) +
                    "\n";
  if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fdatasync(fd) != 0)
    return fault(std::string("the audit log cannot be written: ") + std::strerror(errno));
  if (state_->syslog) {
    // 85: authpriv.notice. A full or missing syslog costs its copy, never the line.
    const auto copy = "<85>postern-admin: " + line.substr(0, line.size() - 1);
    [[maybe_unused]] const auto sent = ::send(state_->syslog.get(), copy.data(), copy.size(), MSG_NOSIGNAL);
  }
  return {};
}

AuditPage Audit::page(std::uint64_t before, std::size_t most, const std::string& user,
                      const std::string& text) const {
  AuditPage page;
  std::ifstream file(state_->path, std::ios::binary);
  std::deque<Json> found;
  for (std::string line; std::getline(file, line);) {
    ++page.total;
    auto json = Json::parse(line, nullptr, false);
    if (!json.is_object() || (before != 0 && json.value("number", std::uint64_t{0}) >= before)) continue;
    if ((!user.empty() && json.value("user", "") != user) || !holds(json, text)) continue;
    found.push_back(std::move(json));
    if (found.size() > most) found.pop_front();
  }
  page.lines.assign(std::make_move_iterator(found.rbegin()), std::make_move_iterator(found.rend()));
  return page;
}

AuditVerdict Audit::verify() const {
  std::ifstream file(state_->path, std::ios::binary);
  return verify_chain([&](std::string& line) { return static_cast<bool>(std::getline(file, line)); });
}

}  // namespace postern::admin
