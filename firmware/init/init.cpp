// postern-init: the first process on the root. Makes the machine fit, opens the storage, binds the ports,
// keeps the programs running, feeds the watchdog while the box is well, and marks the slot good once it is.
//
// What always holds: there is no shell; a fault is told on the console and ends in a restart or in a smaller
// box that can still be met, never in silence.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "drivers/panel/lights.hpp"
#include "drivers/watchdog/kernel_watchdog.hpp"
#include "firmware/init/boot_entries.hpp"
#include "firmware/init/door.hpp"
#include "firmware/init/entry.hpp"
#include "firmware/init/gate.hpp"
#include "firmware/init/health.hpp"
#include "firmware/init/lease.hpp"
#include "firmware/init/locked.hpp"
#include "firmware/init/machine.hpp"
#include "firmware/init/measure.hpp"
#include "firmware/init/ports.hpp"
#include "firmware/init/services.hpp"
#include "firmware/init/storage.hpp"
#include "firmware/init/system.hpp"
#include "platform/board/kernel_line.hpp"
#include "platform/slots/keeper.hpp"
#include "platform/slots/linux_disk.hpp"
#include "platform/slots/record.hpp"

namespace {

using namespace postern;
using init::cry;
using init::say;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTurn{250};
constexpr const char* kSlots = "/run/postern/slots";
constexpr const char* kRecord = "/state/slots/slots";
constexpr const char* kSensors = "/run/postern/sensors.json";
constexpr const char* kUpdateResult = "/run/postern/slots/result.json";
constexpr const char* kWish = "/run/postern/wish";
constexpr const char* kOutbox = "/var/lib/postern/outbox";
constexpr seconds kAsk{2}, kFeed{5}, kOrderlyEnd{20}, kConfirm{20};

volatile std::sig_atomic_t wanted = 0;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// postern-init --kernel-line BOARDS NAME: what the builder puts on the command line of the board's kernel.
int print_kernel_line(const char* boards, const char* name) {
  const auto board = board::load(name, boards);
  if (!board) return std::fprintf(stderr, "%s\n", board.error().front().reason.c_str()), 1;
  return std::printf("%s\n", board::kernel_line(*board).c_str()) < 0;
}

class Box {
 public:
  Box() : began_(Clock::now()), heart_(began_) {
    const auto line = init::read_file("/proc/cmdline", 8192);
    if (line) command_line_ = *line;
    init::log_to(init::kernel_word(command_line_, "postern.log"));
    take_watchdog(environment("POSTERN_WATCHDOG"));
    const auto gate = init::kernel_word(command_line_, "postern.gate");
    if (!gate.empty()) patience_ = seconds(std::atoi(gate.c_str()));
  }
  void prepare();
  int run();

 private:
  void open_storage();
  void start_programs();
  std::string uart() const { return board_ ? board_->console.uart : "ttyS0"; }
  void look_after();
  void tell_update();
  void take_watchdog(const std::string& descriptor);
  void feed();
  void shine(panel::Light status, panel::Light trouble);
  void judge();
  void take_wish();
  void become_good();
  bool on_trial() const;
  static bool mark_good_here();
  [[noreturn]] void end(int how);

  Clock::time_point began_, fed_{}, asked_{}, gated_{}, marked_{};
  std::string update_told_, command_line_, board_file_ = "/run/postern/board.toml";
  seconds patience_{300};
  std::unique_ptr<watchdog::Watchdog> watchdog_;
  std::unique_ptr<panel::Lights> lights_;
  init::Storage storage_;
  std::optional<board::Board> board_;
  init::Services services_;
  init::Heart heart_;
  std::optional<init::LeaseKeeper> lease_;
  std::optional<init::Measure> measure_;
  init::Gate gate_{kOutbox};
  bool data_ = false, good_ = false;
};

void Box::prepare() {
  if (auto done = init::mount_rest(); !done) say(done.error().reason);
  init::load_modules("/usr/lib/modules/list", "/usr/lib/modules");
  init::set_limits();
  feed();
  auto machine = init::choose_board(command_line_);
  if (!machine) return cry("NO BOARD: " + machine.error().reason);
  say("board " + machine->board.name + ": " + machine->board.description);
  if (!machine->notice.empty()) cry("WRONG BOARD? " + machine->notice);
  board_ = std::move(machine->board);
  measure_.emplace(board_->sensors, kSensors);
  lights_ = std::make_unique<panel::SysLights>(board_->leds);
  shine(panel::Light::slow, panel::Light::off);
  init::ask_huge_pages(*board_);
  std::filesystem::create_directories("/run/postern");
  if (auto done = init::write_file(board_file_, init::bind_ports(*board_)); !done) say(done.error().reason);
  if (init::start_network(*board_, init::kernel_word(command_line_, "postern.management")))
    lease_.emplace(board_->management.name);
  open_storage();
}

void Box::open_storage() {
  storage_ = {environment("POSTERN_DISK"), environment("POSTERN_PARTITION_state"), environment("POSTERN_PARTITION_data")};
  if (auto done = init::open_state(storage_); !done) say("NO STATE: " + done.error().reason);
  if (auto done = init::make_slots_folder(board_ ? board_->name : "unknown"); !done) say(done.error().reason);
  feed();
  const auto opened = init::open_data(storage_);
  if (!opened) {
    say("THE DATA PARTITION IS CLOSED: " + opened.error().reason);
    init::limit_messages(1);
    if (!init::unlock_by_hand("/dev/" + uart(), storage_, [this] { feed(); })) end(RB_AUTOBOOT);
    init::limit_messages(7);
  }
  data_ = true;
  init::furnish(environment("POSTERN_PARTITION_esp"), init::kernel_word(command_line_, "postern.management"));
  say(opened && opened->fresh ? "data partition made and open" : "data partition open");
  began_ = Clock::now();
  heart_ = init::Heart(began_);
}

void Box::start_programs() {
  std::vector<std::string> control{"/usr/bin/postern-control", "--board", board_file_, "--boards",
                                   "/usr/share/postern/boards"};
  const char* web = "/usr/share/postern/web";
  if (::access(web, R_OK) == 0) control.insert(control.end(), {"--web", web});
  if (data_) services_.add({"control", std::move(control), ""});
  const std::string console = "/usr/bin/postern-console";
  if (::access(console.c_str(), X_OK) != 0) return say("this image has no postern-console");
  const auto baud = board_ ? std::to_string(board_->console.baud) : "115200";
  services_.add({"console", {console, "--tty", "/dev/" + uart(), "--baud", baud}, ""});
  if (watchdog_ != nullptr && board_) (void)watchdog_->arm(seconds(board_->watchdog.seconds));
  // From now on the line belongs to people.
  if (init::kernel_word(command_line_, "postern.messages") != "all") init::limit_messages(4);
}

// The first program armed it and left it open; no program that is started from here shall have it.
void Box::take_watchdog(const std::string& descriptor) {
  if (descriptor.empty()) return;
  const int fd = std::atoi(descriptor.c_str());
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  watchdog_ = watchdog::adopt_watchdog(fd);
}

void Box::feed() {
  if (watchdog_ == nullptr || Clock::now() - fed_ < kFeed) return;
  if (watchdog_->feed()) fed_ = Clock::now();
}

void Box::shine(panel::Light status, panel::Light trouble) {
  if (lights_ == nullptr) return;
  for (const auto& [name, light] : {std::pair{"status", status}, std::pair{"fault", trouble}}) {
    if (const auto done = lights_->set(name, light); !done) say(done.error().reason);
  }
}

// Where the updater cannot do it (its record is damaged, or its program), the name on the ESP is changed all the
// same: it is what decides the next start. Not where somebody was asked to confirm.
bool Box::mark_good_here() {
  const auto entry = slots::running_of(environment("POSTERN_ENTRY"));
  if (!entry.started || slots::load_record(kRecord).confirm_number == entry.started->number) return false;
  auto disk = slots::open_disk(kSlots);
  return disk && slots::mark_good(**disk, entry).has_value();
}

void Box::become_good() {
  if (Clock::now() - marked_ < kConfirm) return;
  marked_ = Clock::now();
  // The updater knows whether somebody has to confirm, and which versions are too old from now on.
  constexpr int kWaits = 5, kGoesBack = 6;
  const auto status = init::run({"/usr/bin/postern", "update", "good"});
  if (status && *status == kWaits) return;
  if (status && *status == kGoesBack) {
    cry("NOBODY CONFIRMED THIS VERSION: going back");
    end(RB_AUTOBOOT);
  }
  good_ = true;
  shine(panel::Light::on, panel::Light::off);
  const auto slot = environment("POSTERN_SLOT");
  ::unlink(("/state/starts-" + slot).c_str());
  if ((!status || *status != 0) && !mark_good_here()) return cry("WELL, BUT THE SLOT COULD NOT BE MARKED GOOD");
  say("slot " + slot + " is good: a message went through the data plane");
  say(init::memory_line());
  // Not before: a version that does not get well changes nothing of the machine's.
  const auto uuid = init::loader_variable("LoaderDevicePartUUID");
  if (auto kept = init::keep_boot_entries(environment("POSTERN_PARTITION_esp"), uuid); !kept) say(kept.error().reason);
}

// Whether the loader counts this slot down.
bool Box::on_trial() const {
  auto disk = slots::open_disk(kSlots);
  if (!disk) return false;
  const auto entry = slots::running_entry(**disk, slots::running_of(environment("POSTERN_ENTRY")));
  return entry && !entry->good();
}

void Box::judge() {
  if (good_) return;
  if (heart_.beats() && gate_.passed()) return become_good();
  if (heart_.beats() && Clock::now() - gated_ >= kAsk) {
    gated_ = Clock::now();
    gate_.turn();
  }
  if (Clock::now() - began_ < patience_) return;
  // A box whose slots are both bad, or whose data is closed, has to stay up so that it can be met.
  if (!on_trial()) {
    good_ = true;
    shine(panel::Light::on, panel::Light::fast);
    return cry("NOT WELL: " + gate_.trouble() + "; this slot was good before, so the box stays up");
  }
  cry("HEALTH GATE FAILED: " + gate_.trouble() + "; starting again");
  end(RB_AUTOBOOT);
}

// What became of an update, told where it is written down.
void Box::tell_update() {
  const auto result = init::read_file(kUpdateResult);
  const auto now = result ? *result : "";
  if (now != update_told_ && !now.empty()) say("update: " + now.substr(0, now.find('\n')));
  update_told_ = now;
}

void Box::look_after() {
  if (Clock::now() - asked_ >= kAsk) {
    asked_ = Clock::now();
    tell_update();
    const auto answer =
        data_ ? init::ask("{\"command\":\"status\"}") : Result<std::string, Fault>(fault("data is closed"));
    heart_.take(answer ? init::read_pulse(*answer) : init::Pulse{}, Clock::now());
  }
  const auto trouble = data_ ? heart_.trouble(Clock::now()) : "";
  if (trouble.empty()) return feed();
  static std::string said;
  if (said != trouble) cry("THE WATCHDOG IS NO LONGER FED: " + trouble);
  said = trouble;
}

// Control asks for what only the first process can do, by a file.
void Box::take_wish() {
  const auto wish = init::read_file(kWish, 64);
  if (!wish || wish->find('\n') == std::string::npos) return;  // not there, or still being written
  ::unlink(kWish);
  tell_update();  // before a restart that it asks for
  say("asked for: " + wish->substr(0, wish->find('\n')));
  if (wish->starts_with("poweroff")) end(RB_POWER_OFF);
  if (wish->starts_with("reboot")) end(RB_AUTOBOOT);
  if (wish->starts_with("update")) return init::run_aside({"/usr/bin/postern", "update", "request"});
  if (!wish->starts_with("factory-reset")) return;
  services_.stop(kOrderlyEnd);
  if (auto done = init::factory_reset(storage_); !done) say(done.error().reason);
  end(RB_AUTOBOOT);
}

void Box::end(int how) {
  services_.stop(kOrderlyEnd);
  for (const auto* path : {"/data", "/state"}) (void)init::unmount(path);
  if (data_) (void)init::run({"/usr/sbin/cryptsetup", "close", "data"});
  ::sync();
  ::reboot(how);
  std::exit(1);
}

int Box::run() {
  start_programs();
  while (wanted == 0) {
    services_.turn(kTurn);
    look_after();
    if (lease_) lease_->turn(Clock::now());
    if (measure_) measure_->turn(Clock::now());
    judge();
    take_wish();
  }
  say(wanted == SIGTERM ? "powering off" : "starting again");
  end(wanted == SIGTERM ? RB_POWER_OFF : RB_AUTOBOOT);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--kernel-line") == 0) return print_kernel_line(argv[2], argv[3]);
  if (::getpid() != 1)
    return std::fputs("postern-init is the first process of a box; it does nothing elsewhere\n", stderr), 2;
  // Power off and restart are asked for by signals, as with other inits.
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1})
    std::signal(signal, [](int number) { wanted = number; });
  ::reboot(RB_DISABLE_CAD);
  say("postern-init " POSTERN_VERSION ", slot " + environment("POSTERN_SLOT"));
  Box box;
  box.prepare();
  return box.run();
}
