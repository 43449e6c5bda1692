// What the data plane can still do once confined, and what it cannot.
#include "firmware/dataplane/confinement/confinement.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/platform/process/child.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using process_test::in_child;

namespace {

bool refused(long number) {
  return ::syscall(number, 0, 0, 0, 0, 0, 0) == -1 && errno == EPERM;
}

}  // namespace

TEST_GROUP(Confinement){};

TEST(Confinement, no_program_no_network_no_thread) {
  CHECK(in_child([] {
    if (!dataplane::confine_dataplane()) return false;
    const bool no_exec = ::execl("/bin/true", "true", nullptr) == -1 && errno == EPERM;
    const bool no_socket = ::socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM;
    return no_exec && no_socket && refused(SYS_clone) && refused(SYS_clone3) && refused(SYS_io_uring_setup) &&
           refused(SYS_connect) && refused(SYS_ptrace) && refused(SYS_mount) && refused(SYS_ioctl);
  }));
}

TEST(Confinement, the_spool_can_be_written) {
  char name[] = "/tmp/postern-confined-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const std::string file = directory + "/segment";
  CHECK(in_child([&] {
    if (!dataplane::confine_dataplane()) return false;
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
    return fd >= 0 && ::pwrite(fd, "x", 1, 0) == 1 && ::fdatasync(fd) == 0 && ::unlink(file.c_str()) == 0;
  }));
  ::rmdir(directory.c_str());
}

TEST(Confinement, a_device_gets_its_calls_and_no_other) {
  CHECK(in_child([] {
    if (!dataplane::confine_dataplane(dataplane::calls_of_driver("net_tap0"))) return false;
    return !refused(SYS_ioctl) && refused(SYS_clone);
  }));
  CHECK(dataplane::calls_of_driver("0000:01:00.0").empty());
}
