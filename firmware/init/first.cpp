// postern-first: the first program, /init of the initramfs. Finds the disk it was started from, opens this
// slot's root behind dm-verity, and hands over to postern-init there.
//
// What always holds: the watchdog runs before anything can hang; whatever fails ends in a restart, never in a
// prompt. A slot that was good once and fails here, or was started three times without getting well, gets its
// counter back, so that the loader takes the other one.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "drivers/watchdog/kernel_watchdog.hpp"
#include "firmware/init/entry.hpp"
#include "firmware/init/gpt.hpp"
#include "firmware/init/rescue.hpp"
#include "firmware/init/system.hpp"
#include "firmware/init/verity.hpp"

namespace {

using namespace postern;
using init::say;
using Step = Result<void, Fault>;

// As long as a start may take before postern-init feeds it in turn; that one gives it the board's time.
constexpr std::chrono::seconds kStartTime{180};
constexpr int kStartsWithoutHealth = 3;
constexpr std::chrono::seconds kDiskPatience{20};
constexpr std::chrono::seconds kReadingTime{3};
const std::string kRoot = "/root";
constexpr const char* kState = "/run/state";

struct Start {
  std::string command_line;
  std::string entry_file;
  std::optional<slots::Entry> entry;
  init::Disk disk;
};

Step mount_kernel_filesystems() {
  for (const auto& what :
       {init::Mount{"proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""},
        init::Mount{"sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""},
        init::Mount{"devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"},
        init::Mount{"tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m"}}) {
    if (auto done = init::mount(what); !done) return done;
  }
  return {};
}

// Lives as long as this program; its descriptor stays open through exec, and postern-init goes on feeding it.
std::unique_ptr<watchdog::Watchdog> dog;

void arm_watchdog() {
  const int fd = ::open("/dev/watchdog0", O_WRONLY);
  if (fd < 0) return say("NO WATCHDOG on this machine: a box that hangs stays hanging");
  dog = watchdog::adopt_watchdog(fd);
  if (dog->fired()) say("THIS START CAME FROM THE WATCHDOG: the one before hung");
  const auto armed = dog->arm(kStartTime);
  if (!armed) return say(armed.error().reason);
  ::setenv("POSTERN_WATCHDOG", std::to_string(fd).c_str(), 1);
  say("watchdog armed: " + dog->identity() + ", " + std::to_string(armed->count()) + " s");
}

void feed_watchdog() {
  if (dog == nullptr) return;
  if (const auto fed = dog->feed(); !fed) say(fed.error().reason);
}

// The last serial console that the command line names; people sit there.
std::string serial_line(const std::string& command_line) {
  const auto at = command_line.rfind("console=ttyS");
  if (at == std::string::npos) return "console";
  const auto from = at + std::strlen("console=");
  return command_line.substr(from, command_line.find_first_of(", \n", from) - from);
}

Step find_disk(Start& start) {
  const auto esp = init::loader_variable("LoaderDevicePartUUID");
  Result<init::Disk, Fault> found = fault("not looked yet");
  init::wait_until([&] { return (found = init::find_disk(esp)).has_value(); }, kDiskPatience);
  if (!found) return fault(found.error().reason);
  start.disk = std::move(*found);
  return {};
}

Step open_root(const Start& start) {
  const auto hash = init::kernel_word(start.command_line, "postern.roothash");
  const auto offset = init::kernel_word(start.command_line, "postern.hashoffset");
  if (hash.size() != 64 || offset.empty()) return fault("the kernel's command line names no root hash");
  Step last = fault("no slot");
  for (const char slot : {'a', 'b'}) {
    if (start.entry && slots::letter(start.entry->slot) != slot) continue;
    const auto device = start.disk.devices.at(std::string("root-") + slot);
    const auto opened = init::open_verity(std::string("root-") + slot, device,
                                          std::strtoull(offset.c_str(), nullptr, 10), hash);
    if (!opened) {
      last = fault(opened.error().reason);
      continue;
    }
    init::wait_until([&] { return ::access(opened->c_str(), R_OK) == 0; }, std::chrono::seconds(5));
    last = init::mount({*opened, kRoot, "squashfs", MS_RDONLY | MS_NODEV | MS_NOSUID, ""});
    if (!last) continue;
    ::setenv("POSTERN_SLOT", std::string(1, slot).c_str(), 1);
    say(std::string("slot ") + slot + " on " + device + ", root verified against " + hash.substr(0, 12));
    return {};
  }
  return last;
}

// True where the loader will count this slot down from the next start on.
bool demote(const Start& start, std::uint32_t left) {
  if (!start.entry) return false;
  const auto counted = init::give_counter(start.disk.devices.at("esp"), *start.entry, left);
  if (!counted) say(counted.error().reason);
  if (!counted || !*counted) return false;
  say(std::string("slot ") + slots::letter(start.entry->slot) + " counts again: " + std::to_string(left) +
      " tries left");
  return true;
}

// The record of starts lies on the state partition; it is removed once the box is well.
Step count_start(const Start& start) {
  const std::string state = kState;
  if (!init::mount({start.disk.devices.at("state"), state, "ext4", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                    "data=journal"})) {
    say("the state partition is empty or damaged: postern-init makes it new");
    return {};
  }
  if (!start.entry) return {};
  const auto record = state + "/starts-" + slots::letter(start.entry->slot);
  const auto before = init::read_file(record, 64);
  const int starts = (before ? std::atoi(before->c_str()) : 0) + 1;
  if (auto done = init::replace_file(record, std::to_string(starts) + "\n"); !done) say(done.error().reason);
  if (starts <= kStartsWithoutHealth || !demote(start, 0)) return {};
  ::unlink(record.c_str());
  return fault("this slot was started " + std::to_string(starts - 1) + " times and never got well");
}

Step hand_over() {
  // Not there where the partition is still empty; postern-init sees to that.
  (void)::mount(kState, (kRoot + "/state").c_str(), nullptr, MS_MOVE, nullptr);
  for (const auto* part : {"/proc", "/sys", "/dev", "/run"}) {
    if (::mount(part, (kRoot + part).c_str(), nullptr, MS_MOVE, nullptr) != 0)
      return fault(init::error_text("cannot move", part));
  }
  if (::chdir(kRoot.c_str()) != 0 || ::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || ::chroot(".") != 0)
    return fault(init::error_text("cannot change to", kRoot));
  const char* program = "/usr/sbin/postern-init";
  ::execl(program, program, static_cast<char*>(nullptr));
  return fault(init::error_text("cannot start", program));
}

Step go(Start& start) {
  if (auto done = mount_kernel_filesystems(); !done) return done;
  const auto line = init::read_file("/proc/cmdline", 8192);
  start.command_line = line ? *line : "";
  init::log_to(init::kernel_word(start.command_line, "postern.log"));
  init::load_modules("/modules/list", "/modules");
  arm_watchdog();
  if (!init::mount(
          {"efivarfs", "/sys/firmware/efi/efivars", "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""}))
    say("this machine shows no EFI variables: the slot is guessed");
  start.entry_file = init::loader_variable("LoaderEntrySelected");
  start.entry = slots::parse_entry(start.entry_file);
  if (auto done = find_disk(start); !done) return done;
  ::setenv("POSTERN_ENTRY", start.entry_file.c_str(), 1);
  ::setenv("POSTERN_DISK", start.disk.name.c_str(), 1);
  for (const auto& [name, device] : start.disk.devices)
    ::setenv(("POSTERN_PARTITION_" + name).c_str(), device.c_str(), 1);
  if (init::kernel_word(start.command_line, "postern.rescue") == "1") {
    say("the rescue system: neither slot starts, or somebody chose it");
    init::rescue("/dev/" + serial_line(start.command_line), start.disk, feed_watchdog);
    return fault("the rescue system was left");
  }
  // Before the root is touched: a block of it that is wrong is a panic, and nothing could be counted any
  // more.
  if (auto done = count_start(start); !done) return done;
  if (auto done = open_root(start); !done) return done;
  return hand_over();
}

}  // namespace

int main() {
  say("postern-first " POSTERN_VERSION);
  Start start;
  const auto done = go(start);
  say("this start failed: " + (done ? std::string("the next program ended") : done.error().reason));
  if (!start.disk.devices.empty()) (void)demote(start, 1);
  ::sync();
  say("starting again");
  std::this_thread::sleep_for(kReadingTime);
  ::reboot(RB_AUTOBOOT);
  return 1;
}
