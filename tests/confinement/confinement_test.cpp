// Every process of the box, confined as it states, tries what it must not be able to do.
//
// The powers are the processes' own tables; nothing of them is repeated here. A child takes them on as the
// process does (enter, then confine), tries, and tells what worked.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "firmware/control/admin/powers.hpp"
#include "firmware/control/console/powers.hpp"
#include "firmware/control/keystore/service/powers.hpp"
#include "firmware/control/main/powers.hpp"
#include "firmware/control/reporter/service/powers.hpp"
#include "firmware/control/resolver/service/powers.hpp"
#include "firmware/dataplane/confinement/confinement.hpp"
#include "platform/process/landlock.hpp"
#include "platform/process/powers.hpp"
#include "tests/confinement/tries.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::confinement_test;

namespace {

constexpr unsigned char kCannotConfine = 0xff;

// A directory with what others must not see, and a server that would answer.
class World {
 public:
  World() {
    char path[] = "/tmp/postern-confined-XXXXXX";
    directory_ = ::mkdtemp(path) != nullptr ? path : "";
    place_.outside = directory_ + "/outside";
    place_.key_file = directory_ + "/others/key.pem";
    place_.mail_file = directory_ + "/others/message";
    place_.parent = ::getpid();
    for (const char* name : {"/outside", "/others", "/own"})
      std::filesystem::create_directory(directory_ + name);
    std::ofstream(place_.key_file) << "-----BEGIN PRIVATE KEY-----\n";
    std::ofstream(place_.mail_file) << "Subject: hello\n";
    listen();
  }
  ~World() {
    ::close(listener_);
    std::filesystem::remove_all(directory_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::string own() const { return directory_ + "/own"; }
  const Place& place() const { return place_; }

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    place_.port = ntohs(address.sin_port);
  }

  std::string directory_;
  Place place_;
  int listener_ = -1;
};

std::vector<unsigned char> answers_of(pid_t child, int from) {
  std::vector<unsigned char> answers;
  unsigned char one = 0;
  while (::read(from, &one, 1) == 1) answers.push_back(one);
  ::close(from);
  ::waitpid(child, nullptr, 0);
  return answers;
}

// What worked: one byte for each try, in order; fewer where a program was started instead of answering.
std::vector<unsigned char> try_all(const process::Powers* powers, const Place& place) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child != 0) {
    ::close(ends[1]);
    return answers_of(child, ends[0]);
  }
  ::close(ends[0]);
  // What is mounted stays this child's.
  if (::unshare(CLONE_NEWNS) == 0) ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  const auto say = [&](unsigned char what) { return ::write(ends[1], &what, 1) == 1; };
  if (powers != nullptr && (!process::enter(*powers) || !process::confine(*powers))) {
    say(kCannotConfine);
    ::_exit(1);
  }
  for (const auto& one : tries()) say(one.works(place) ? 1 : 0);
  ::_exit(0);
}

bool works(const std::vector<unsigned char>& answers, std::size_t index) {
  return index >= answers.size() || answers[index] != 0;
}

bool landlock_there() {
  static const bool there = [] {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto reached = process::limit_reach({});
      ::_exit(reached && *reached == process::Reached::files_and_ports ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }();
  return there;
}

// Nothing works but, perhaps, what is named.
void check_all(const process::Powers& powers, const World& world, std::vector<std::string_view> can) {
  if (powers.reach && !landlock_there()) {
    std::printf("\nthis kernel cannot limit files and ports: %s not tried\n",
                std::string(powers.process).c_str());
    return;
  }
  const auto answers = try_all(&powers, world.place());
  CHECK(!answers.empty() && answers[0] != kCannotConfine);
  for (std::size_t i = 0; i < tries().size(); ++i) {
    bool allowed = false;
    for (const auto name : can) allowed = allowed || name == tries()[i].name;
    const auto text = std::string(powers.process) + ": " + std::string(tries()[i].name);
    CHECK_TEXT(allowed || !works(answers, i), text.c_str());
  }
}

}  // namespace

TEST_GROUP(Confinement) {
  World world;
};

TEST(Confinement, a_process_that_is_not_confined_can_do_most_of_it) {
  const auto answers = try_all(nullptr, world.place());
  for (std::size_t i = 0; i < tries().size(); ++i) {
    const auto name = tries()[i].name;
    for (const std::string_view easy :
         {"read a private key", "read mail", "write where it has no business", "connect to a TCP port",
          "signal another process", "fork", "make memory executable", "start a program"}) {
      if (easy == name) CHECK_TEXT(works(answers, i), std::string(name).c_str());
    }
  }
}

TEST(Confinement, the_keystore_reaches_its_own_directory_only) {
  check_all(keystore::keystore_powers(world.own(), world.own()), world, {});
}

TEST(Confinement, the_resolver_reads_no_keys_and_no_mail_and_connects_to_name_servers_only) {
  resolver::ServiceOptions options;
  options.directory = world.own();
  check_all(resolver::resolver_powers(options), world, {});
}

TEST(Confinement, the_reporter_reads_no_keys_and_no_mail) {
  reporter::ServiceOptions options;
  options.database = world.own() + "/reports.sqlite";
  // Whom it reports to names the port.
  check_all(reporter::reporter_powers(options), world, {"connect to a TCP port"});
}

TEST(Confinement, the_web_process_reads_no_keys_and_no_mail) {
  check_all(admin::admin_powers(world.own(), world.own(), world.own() + "/control.sock", {}), world, {});
}

TEST(Confinement, the_console_reads_no_keys_and_no_mail_and_has_no_network) {
  control::console::Options options;
  options.accounts = world.own() + "/accounts";
  options.run_directory = world.own();
  options.admin_directory = world.own();
  check_all(control::console::console_powers(options), world, {});
}

// It holds mail and leaf keys itself; its files are limited by its user on the box.
TEST(Confinement, the_data_plane_starts_nothing_and_has_no_socket_of_the_kernels) {
  check_all(dataplane::dataplane_powers(), world,
            {"read /etc/shadow", "read a private key", "read mail", "write where it has no business",
             "write in /etc", "read another process's memory"});
}

// It reads the files that settings name, wherever they are, and writes the logs.
TEST(Confinement, control_starts_nothing) {
  check_all(control::control_powers(), world,
            {"read /etc/shadow", "read a private key", "read mail", "write where it has no business",
             "write in /etc", "connect to a TCP port", "read another process's memory"});
}

TEST(Confinement, the_launcher_starts_its_program_and_no_other) {
  if (!landlock_there()) return;
  const auto starts = [](const char* allowed, const char* wanted) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string one(allowed);
      if (!process::limit_programs(std::span(&one, 1)) || !process::forbid_what_nobody_needs()) ::_exit(3);
      ::execl(wanted, wanted, nullptr);
      ::_exit(2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  LONGS_EQUAL(0, starts("/bin/true", "/bin/true"));
  LONGS_EQUAL(2, starts("/bin/true", "/bin/false"));
}

TEST(Confinement, what_the_launcher_starts_cannot_trace_or_mount_whatever_it_states) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!process::forbid_what_nobody_needs()) ::_exit(3);
    bool worked = false;
    for (const auto& one : tries()) {
      const bool forbidden =
          one.name == "trace another process" || one.name == "mount" || one.name == "load a kernel module";
      if (forbidden) worked = worked || one.works(world.place());
    }
    ::_exit(worked ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  LONGS_EQUAL(0, WEXITSTATUS(status));
}
