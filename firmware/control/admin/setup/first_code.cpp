// The first-boot code: see the header.
#include "firmware/control/admin/setup/first_code.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "firmware/control/admin/people/secrets.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::admin {

namespace {

constexpr std::size_t kGroups = 2;  // 39 bits, guessed at over a back-off, for a file's life time
constexpr std::size_t kMostPending = 8;

std::string read_code(const std::string& path) {
  std::ifstream file(path);
  std::string code;
  std::getline(file, code);
  return code;
}

}  // namespace

std::string first_code_path(const std::string& directory) {
  return directory + "/first-code";
}
std::string people_path(const std::string& directory) {
  return directory + "/people.sqlite";
}
std::string audit_path(const std::string& directory) {
  return directory + "/audit.jsonl";
}
std::string read_first_code(const std::string& directory) {
  return read_code(first_code_path(directory));
}

Result<void, Fault> FirstCode::prepare() {
  if (!read_code(path_).empty()) return {};
  const process::Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const auto line = make_words(kGroups) + "\n";
  if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fault("cannot write " + path_ + ": " + std::strerror(errno));
  return {};
}

void FirstCode::remove() {
  ::unlink(path_.c_str());
  const std::lock_guard lock(mutex_);
  pending_.clear();
}

bool FirstCode::fits(std::string_view typed) const {
  const auto right = read_code(path_);
  return !right.empty() && hash_of(right) == hash_of(plain_words(typed));
}

void FirstCode::set_pending(const std::string& session, PendingOwner owner) {
  const std::lock_guard lock(mutex_);
  if (pending_.size() >= kMostPending && !pending_.contains(session)) pending_.clear();
  pending_[session] = std::move(owner);
}

std::optional<PendingOwner> FirstCode::pending(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  const auto at = pending_.find(session);
  return at == pending_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace postern::admin
