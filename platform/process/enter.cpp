// The first half of a process's powers: see powers.hpp. network_namespaces(7), credentials(7), landlock(7).
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "platform/process/powers.hpp"

namespace postern::process {

namespace {

Fault refused(const std::string& what) {
  return Fault{"cannot " + what + ": " + std::strerror(errno)};
}

struct User {
  uid_t uid;
  gid_t gid;
};

// From the file alone: name services would load libraries and ask the network.
std::optional<User> find_user(const std::string& name) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/etc/passwd", "re"), std::fclose);
  if (!file) return std::nullopt;
  while (const passwd* one = ::fgetpwent(file.get())) {
    if (name == one->pw_name) return User{one->pw_uid, one->pw_gid};
  }
  return std::nullopt;
}

// Capabilities that are kept survive the change of user; confine() drops the others.
Result<bool, Fault> become(const Powers& powers) {
  if (powers.user.empty() || ::geteuid() != 0) return false;
  const auto user = find_user(powers.user);
  if (!user) return false;
  if (!powers.capabilities.empty() && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return tl::unexpected(refused("keep capabilities"));
  if (::setgroups(0, nullptr) != 0 || ::setresgid(user->gid, user->gid, user->gid) != 0 ||
      ::setresuid(user->uid, user->uid, user->uid) != 0)
    return tl::unexpected(refused("become the user " + powers.user));
  return true;
}

// Without privileges there is no namespace to be had: the system calls are then what holds.
Result<bool, Fault> leave_network(const Powers& powers) {
  if (powers.network) return false;
  if (::unshare(CLONE_NEWNET) == 0) return true;
  if (errno == EPERM || errno == EINVAL || errno == ENOSYS) return false;
  return tl::unexpected(refused("leave the network"));
}

}  // namespace

Result<Entered, Fault> enter(const Powers& powers) {
  Entered entered;
  const auto apart = leave_network(powers);
  if (!apart) return tl::unexpected(apart.error());
  entered.network_apart = *apart;
  const auto user = become(powers);
  if (!user) return tl::unexpected(user.error());
  entered.user = *user;
  // After the change of user, which makes a process dumpable or not as the system is set: proc(5).
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return tl::unexpected(refused("forbid core dumps"));
  if (!powers.reach) return entered;
  Reach reach = *powers.reach;
  reach.readable.push_back("/proc/self/task");  // confine() asks every thread to give up its capabilities
  const auto reached = limit_reach(reach);
  if (!reached) return tl::unexpected(reached.error());
  entered.reach = *reached;
  return entered;
}

Result<void, Fault> give_to_user(const std::string& name, const std::string& directory) {
  if (::geteuid() != 0) return {};
  const auto user = find_user(name);
  if (!user) return {};
  if (::lchown(directory.c_str(), user->uid, user->gid) != 0)
    return tl::unexpected(refused("give " + directory + " to " + name));
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    if (entry.is_regular_file(failed) && ::lchown(entry.path().c_str(), user->uid, user->gid) != 0)
      return tl::unexpected(refused("give " + entry.path().string() + " to " + name));
  }
  return {};
}

std::string Entered::said() const {
  std::string text = reach == Reached::files_and_ports ? "files and ports limited"
                     : reach == Reached::files_only    ? "files limited"
                                                       : "files not limited";
  if (network_apart) text += ", no network";
  if (user) text += ", own user";
  return text;
}

}  // namespace postern::process
