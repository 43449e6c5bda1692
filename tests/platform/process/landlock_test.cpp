// What a process that limited its reach can still open and connect to.
#include "platform/process/landlock.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/platform/process/child.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using process_test::in_child;

namespace {

std::string fresh_directory() {
  char path[] = "/tmp/postern-reach-XXXXXX";
  return ::mkdtemp(path) != nullptr ? path : "";
}

bool limited(const process::Reach& reach, process::Reached at_least) {
  const auto reached = process::limit_reach(reach);
  return reached && *reached <= at_least;
}

// An older kernel, or one without Landlock, can hold nobody to anything: that is said, and nothing to test.
bool kernel_can(process::Reached what) {
  return in_child([&] { return limited({}, what); });
}

int connect_error(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

}  // namespace

TEST_GROUP(Landlock){};

TEST(Landlock, only_what_was_named_can_be_opened) {
  if (!kernel_can(process::Reached::files_only)) return;
  const auto directory = fresh_directory();
  CHECK(in_child([&] {
    if (!limited({.readable = {"/etc/passwd"}, .writable = {directory}, .tcp_ports = {}},
                 process::Reached::files_only))
      return false;
    const bool read = ::open("/etc/passwd", O_RDONLY) >= 0 && ::open("/etc/group", O_RDONLY) < 0;
    const bool no_write = ::open("/etc/passwd", O_WRONLY) < 0;
    const bool write = ::open((directory + "/new").c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600) >= 0;
    return read && no_write && write && ::open("/tmp/postern-elsewhere", O_CREAT | O_RDWR, 0600) < 0;
  }));
  std::filesystem::remove_all(directory);
}

TEST(Landlock, only_the_ports_named_can_be_connected_to) {
  if (!kernel_can(process::Reached::files_and_ports)) return;
  CHECK(in_child([] {
    if (!limited({.readable = {}, .writable = {}, .tcp_ports = {1}}, process::Reached::files_and_ports))
      return false;
    return connect_error(1) == ECONNREFUSED && connect_error(2) == EACCES;
  }));
}

TEST(Landlock, a_file_that_is_not_there_is_left_out) {
  CHECK(in_child([] {
    return process::limit_reach({.readable = {"/nowhere/at/all"}, .writable = {}, .tcp_ports = {}})
        .has_value();
  }));
}
