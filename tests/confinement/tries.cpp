// What a process that was taken over would try: see the header.
#include "tests/confinement/tries.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace postern::confinement_test {

namespace {

bool opens(const std::string& path, int how) {
  const int file = ::open(path.c_str(), how, 0600);
  if (file >= 0) ::close(file);
  if (file >= 0 && (how & O_CREAT) != 0) ::unlink(path.c_str());
  return file >= 0;
}

bool shadow(const Place&) {
  return opens("/etc/shadow", O_RDONLY);
}
bool keys(const Place& place) {
  return opens(place.key_file, O_RDONLY);
}
bool mail(const Place& place) {
  return opens(place.mail_file, O_RDONLY);
}
bool write_outside(const Place& place) {
  return opens(place.outside + "/planted", O_WRONLY | O_CREAT);
}
bool write_system(const Place&) {
  return opens("/etc/postern-planted", O_WRONLY | O_CREAT);
}
bool connect_to(const Place& place) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool done =
      socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (socket >= 0) ::close(socket);
  return done;
}
bool raw_packets(const Place&) {
  return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}
bool trace(const Place& place) {
  return ::ptrace(PTRACE_SEIZE, place.parent, nullptr, nullptr) == 0;
}
bool read_memory(const Place& place) {
  return opens("/proc/" + std::to_string(place.parent) + "/mem", O_RDONLY);
}
bool signal_it(const Place& place) {
  return ::kill(place.parent, 0) == 0;
}
bool start_program(const Place&) {
  const char* arguments[] = {"true", nullptr};
  ::execv("/bin/true", const_cast<char**>(arguments));
  return false;  // where it works, this is not reached: the parent sees status 0 and no answer
}
bool fork_it(const Place&) {
  const auto child = ::syscall(SYS_fork);
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(static_cast<pid_t>(child), nullptr, 0);
  return child > 0;
}
bool mount_it(const Place& place) {
  return ::mount("none", place.outside.c_str(), "tmpfs", 0, nullptr) == 0;
}
bool become(const Place&) {
  return ::syscall(SYS_setuid, 1) == 0;
}
bool new_namespace(const Place&) {
  return ::syscall(SYS_unshare, 0x10000000) == 0;  // CLONE_NEWUSER
}
bool load_module(const Place&) {
  return ::syscall(SYS_init_module, nullptr, 0, "") == 0;
}
bool run_memory(const Place&) {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}
bool program_kernel(const Place&) {
  return ::syscall(SYS_bpf, 0, nullptr, 0) == 0 || ::syscall(SYS_io_uring_setup, 1, nullptr) == 0;
}

// start_program is the last one: it ends the process where it works.
constexpr auto kTries = std::to_array<Try>({
    {"read /etc/shadow", shadow},
    {"read a private key", keys},
    {"read mail", mail},
    {"write where it has no business", write_outside},
    {"write in /etc", write_system},
    {"connect to a TCP port", connect_to},
    {"send raw packets", raw_packets},
    {"trace another process", trace},
    {"read another process's memory", read_memory},
    {"signal another process", signal_it},
    {"fork", fork_it},
    {"mount", mount_it},
    {"become another user", become},
    {"make a user namespace", new_namespace},
    {"load a kernel module", load_module},
    {"make memory executable", run_memory},
    {"program the kernel", program_kernel},
    {"start a program", start_program},
});

}  // namespace

std::span<const Try> tries() {
  return kTries;
}

}  // namespace postern::confinement_test
