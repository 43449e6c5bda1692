// Which files and ports a process may still reach: see the header.
#include "platform/process/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/process/descriptor.hpp"

namespace postern::process {

namespace {

// The headers of the build machine may be older than the kernel that runs.
constexpr std::uint64_t kRefer = 1ULL << 13;     // ABI 2
constexpr std::uint64_t kTruncate = 1ULL << 14;  // ABI 3
constexpr std::uint64_t kBindTcp = 1ULL << 0;    // ABI 4
constexpr std::uint64_t kConnectTcp = 1ULL << 1;
constexpr int kRuleNetPort = 2;

struct RulesetAttribute {
  std::uint64_t files;
  std::uint64_t network;
};
struct NetPortAttribute {
  std::uint64_t allowed;
  std::uint64_t port;
};

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kRead = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kAllFiles = (1ULL << 13) - 1;
constexpr std::uint64_t kWriteDirectory =
    kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

Fault refused(const std::string& what) {
  return Fault{"cannot limit what the process reaches: " + what + ": " + std::strerror(errno)};
}

int abi() {
  return static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

class Ruleset {
 public:
  Ruleset(int abi_version, RulesetAttribute attribute) : abi_(abi_version) {
    const std::size_t size = abi_ >= 4 ? sizeof attribute : sizeof attribute.files;
    descriptor_.reset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attribute, size, 0)));
  }
  bool made() const { return static_cast<bool>(descriptor_); }

  // A file that is not there needs no rule; one that appears later stays out of reach.
  bool add_path(const std::string& path, bool writable) {
    const Descriptor at(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!at) return errno == ENOENT;
    struct stat facts {};
    if (::fstat(at.get(), &facts) != 0) return false;
    landlock_path_beneath_attr rule{};
    rule.parent_fd = at.get();
    rule.allowed_access = S_ISDIR(facts.st_mode) ? (writable ? kWriteDirectory : kRead) : kReadFile;
    if (writable && abi_ >= 3) rule.allowed_access |= kTruncate;
    return add(LANDLOCK_RULE_PATH_BENEATH, &rule);
  }
  bool add_program(const std::string& path) {
    const Descriptor at(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!at) return errno == ENOENT;
    landlock_path_beneath_attr rule{};
    rule.parent_fd = at.get();
    rule.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE;
    return add(LANDLOCK_RULE_PATH_BENEATH, &rule);
  }
  bool add_port(std::uint16_t port) {
    const NetPortAttribute rule{kConnectTcp, port};
    return abi_ < 4 || add(kRuleNetPort, &rule);
  }
  bool enforce() { return ::syscall(SYS_landlock_restrict_self, descriptor_.get(), 0) == 0; }

 private:
  bool add(int type, const void* rule) {
    return ::syscall(SYS_landlock_add_rule, descriptor_.get(), type, rule, 0) == 0;
  }

  int abi_;
  Descriptor descriptor_;
};

RulesetAttribute everything(int version, bool any_port) {
  RulesetAttribute attribute{kAllFiles, 0};
  if (version >= 2) attribute.files |= kRefer;
  if (version >= 3) attribute.files |= kTruncate;
  if (version >= 4 && !any_port) attribute.network = kBindTcp | kConnectTcp;
  return attribute;
}

constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";

}  // namespace

Result<Reached, Fault> limit_programs(std::span<const std::string> programs) {
  const int version = abi();
  if (version < 1) return Reached::nothing;
  Ruleset rules(version, {LANDLOCK_ACCESS_FS_EXECUTE, 0});
  if (!rules.made()) return tl::unexpected(refused("no rule set"));
  if (!rules.add_program(kLoader)) return tl::unexpected(refused(kLoader));
  for (const auto& path : programs) {
    if (!rules.add_program(path)) return tl::unexpected(refused(path));
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !rules.enforce())
    return tl::unexpected(refused("the kernel says no"));
  return Reached::files_only;
}

Result<Reached, Fault> limit_reach(const Reach& reach) {
  const int version = abi();
  if (version < 1) return Reached::nothing;
  Ruleset rules(version, everything(version, reach.any_tcp_port));
  if (!rules.made()) return tl::unexpected(refused("no rule set"));
  for (const auto& path : reach.readable) {
    if (!rules.add_path(path, false)) return tl::unexpected(refused(path));
  }
  for (const auto& path : reach.writable) {
    if (!rules.add_path(path, true)) return tl::unexpected(refused(path));
  }
  for (const auto port : reach.tcp_ports) {
    if (reach.any_tcp_port) break;
    if (!rules.add_port(port)) return tl::unexpected(refused("port " + std::to_string(port)));
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !rules.enforce())
    return tl::unexpected(refused("the kernel says no"));
  return version >= 4 ? Reached::files_and_ports : Reached::files_only;
}

}  // namespace postern::process
