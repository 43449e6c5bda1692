// The TPM's interface: the twin in memory, and the real code against a chip in software (swtpm).
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "drivers/tpm/memory.hpp"
#include "drivers/tpm/tss.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

constexpr std::uint16_t kPort = 2321;  // in a network namespace of our own
constexpr char kWhere[] = "swtpm:host=127.0.0.1,port=2321";
constexpr std::uint32_t kRegister7 = 1u << 7;
constexpr std::string_view kText = "0123456789abcdef0123456789abcdef";

std::string unsealed(tpm::Tpm& chip, Bytes object) {
  std::array<std::uint8_t, tpm::kMostSealedBytes> room{};
  const auto got = chip.unseal(object, room);
  return got ? std::string(as_text(Bytes(room).first(*got))) : "refused: " + got.error().reason;
}

bool answers() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort + 1);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool there = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return there;
}

// The tests' ports meet nobody else's. False where that cannot be had.
bool own_network() {
  static const bool done = [] {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return up;
  }();
  return done;
}

void execute(std::initializer_list<const char*> words, bool wait, pid_t* started = nullptr) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (const char* word : words) arguments.push_back(const_cast<char*>(word));
    arguments.push_back(nullptr);
    ::setenv("TPM2TOOLS_TCTI", kWhere, 1);
    if (std::freopen("/dev/null", "w", stdout) == nullptr ||
        std::freopen("/dev/null", "w", stderr) == nullptr)
      ::_exit(1);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  if (wait) ::waitpid(child, nullptr, 0);
  if (started != nullptr) *started = child;
}

// A chip in software with a state of its own.
class SoftwareChip {
 public:
  SoftwareChip() {
    char path[] = "/tmp/postern-tpm-XXXXXX";
    directory_ = ::mkdtemp(path) != nullptr ? path : "";
    start();
  }
  ~SoftwareChip() {
    stop();
    std::filesystem::remove_all(directory_);
  }
  SoftwareChip(const SoftwareChip&) = delete;
  SoftwareChip& operator=(const SoftwareChip&) = delete;

  void start() {
    const auto state = "dir=" + directory_;
    execute({"swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
             "type=tcp,port=2321,bindaddr=127.0.0.1", "--ctrl", "type=tcp,port=2322,bindaddr=127.0.0.1",
             "--flags", "not-need-init,startup-clear"},
            false, &pid_);
    for (int i = 0; i < 600 && !answers(); ++i) ::usleep(50'000);
  }
  void stop() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  std::string directory_;
  pid_t pid_ = 0;
};

std::unique_ptr<tpm::Tpm> open_chip() {
  auto chip = tpm::open_tpm(kWhere, kRegister7);
  CHECK_TEXT(chip.has_value(), chip ? "" : chip.error().reason.c_str());
  return std::move(*chip);
}

bool can_be_tried() {
  if (::geteuid() == 0 && std::filesystem::exists("/usr/bin/swtpm") && own_network()) return true;
  std::printf("\nneeds root and swtpm: not tried\n");
  return false;
}

}  // namespace

TEST_GROUP(MemoryTpm){};

TEST(MemoryTpm, what_was_sealed_opens_with_that_chip_in_that_state) {
  tpm::MemoryTpm chip(1);
  const auto object = chip.seal(as_bytes(kText));
  CHECK(object.has_value());
  CHECK(unsealed(chip, *object) == kText);
  chip.state = 1;
  CHECK(unsealed(chip, *object).starts_with("refused"));
  tpm::MemoryTpm other(2);
  CHECK(unsealed(other, *object).starts_with("refused"));
}

TEST_GROUP(TssTpm){};

TEST(TssTpm, what_was_sealed_opens_also_after_a_restart_and_not_with_another_chip) {
  if (!can_be_tried()) return;
  std::vector<std::uint8_t> object;
  {
    SoftwareChip chip;
    {
      const auto tpm = open_chip();
      const auto sealed = tpm->seal(as_bytes(kText));
      CHECK(sealed.has_value());
      object = *sealed;
      CHECK(unsealed(*tpm, object) == kText);
      CHECK(tpm->what().find("TPM 2.0") != std::string::npos);
    }
    chip.stop();
    chip.start();
    CHECK(unsealed(*open_chip(), object) == kText);
  }
  SoftwareChip other;
  CHECK(unsealed(*open_chip(), object).starts_with("refused"));
}

TEST(TssTpm, a_machine_started_in_another_way_gets_nothing) {
  if (!can_be_tried()) return;
  SoftwareChip chip;
  std::vector<std::uint8_t> object;
  {
    const auto tpm = open_chip();
    const auto sealed = tpm->seal(as_bytes(kText));
    CHECK(sealed.has_value());
    object = *sealed;
  }
  execute({"tpm2_pcrextend", "7:sha256=0000000000000000000000000000000000000000000000000000000000000001"},
          true);
  CHECK(unsealed(*open_chip(), object).starts_with("refused"));
}

TEST(TssTpm, a_damaged_object_is_refused_whatever_byte_it_is) {
  if (!can_be_tried()) return;
  SoftwareChip chip;
  const auto tpm = open_chip();
  const auto sealed = tpm->seal(as_bytes(kText));
  CHECK(sealed.has_value());
  for (std::size_t i = 0; i < sealed->size(); i += 7) {
    auto damaged = *sealed;
    damaged[i] ^= 0x55;
    CHECK(unsealed(*tpm, damaged) != kText);
  }
  CHECK(unsealed(*tpm, {}).starts_with("refused"));
  CHECK(unsealed(*tpm, Bytes(*sealed).first(20)).starts_with("refused"));
  CHECK(unsealed(*tpm, *sealed) == kText);
}
