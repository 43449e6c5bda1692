// What a process may do, stated in one place, and the lock behind it: the user it is, the files and ports it
// reaches, whether it has a network, an allow-list of system calls, no new privileges, no capabilities beyond
// those named, no core dumps, no executable memory.
//
// A process calls enter() as soon as it knows its files and while it has one thread, then opens what it
// needs, and calls confine() when all its threads are there. Both hold for every thread there is and every
// one to come, and cannot be taken back. A call that is not allowed fails with EPERM: the process goes on and
// says so, which for a mail gateway is better than dying.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/process/landlock.hpp"

namespace postern::process {

struct Powers {
  std::string_view process;             // for faults: "postern-dataplane"
  std::vector<std::string_view> calls;  // beyond kCommonCalls
  std::vector<int> socket_families;     // socket() and socketpair() of these only
  bool new_threads = false;
  std::vector<int> capabilities;  // kept
  // Held by enter().
  std::string user;            // becomes this system user where root started it and there is such a user
  bool network = true;         // false: a network namespace of its own, with nothing in it
  std::optional<Reach> reach;  // files, and TCP ports to connect to; nothing given: not limited
};

// What enter() could hold the process to on this machine.
struct Entered {
  bool user = false;           // it is another user now
  bool network_apart = false;  // it sees no network
  Reached reach = Reached::nothing;
  std::string said() const;  // for the log and for status: "files and ports limited, no network, user x"
};

// Memory, time, waiting, and ending: what no process can do without.
std::span<const std::string_view> common_calls();

// The first half: namespace, user, files. Only while there is one thread. Faults: this machine could hold the
// process to it, but refuses.
Result<Entered, Fault> enter(const Powers& powers);

// A directory that root made, and the files in it, become that user's, where root calls this and there is
// such a user.
Result<void, Fault> give_to_user(const std::string& user, const std::string& directory);

// The second half: capabilities and system calls.
// `extra`: calls that depend on the devices of this machine.
Result<void, Fault> confine(const Powers& powers, std::span<const std::string_view> extra = {});

// For a process that starts others, which have powers of their own: takes away what none of them needs, here
// and in whatever it starts (tracing, mounting, modules, the kernel's own switches).
Result<void, Fault> forbid_what_nobody_needs();

// Part of confine(): of all threads, keeps only these.
Result<void, Fault> drop_capabilities(std::span<const int> kept);

}  // namespace postern::process
