// The process that starts the data plane: see the header.
#include "firmware/control/supervisor/launcher.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "platform/log/log.hpp"
#include "platform/process/landlock.hpp"
#include "platform/process/powers.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/starter.hpp"

namespace postern::control {

namespace {

using process::Descriptor;

enum class Order : std::uint8_t { start = 1, terminate, kill };

void send_event(const Descriptor& socket, const Launcher::Event& event) {
  process::send_packet(socket, {reinterpret_cast<const std::uint8_t*>(&event), sizeof event});
}

// In the new process: nothing of ours goes along but standard error and the arguments.
[[noreturn]] void become(std::vector<char*>& arguments, int report) {
  process::become_fresh();  // the terminal's Ctrl-C is for control, which then stops us in order
  if (::chdir("/") != 0) ::_exit(127);
  ::execv(arguments[0], arguments.data());
  const int why = errno;
  [[maybe_unused]] const auto told = ::write(report, &why, sizeof why);
  ::_exit(127);
}

class Starter {
 public:
  Starter(Descriptor socket, const std::vector<std::string>& arguments)
      : socket_(std::move(socket)), texts_(arguments) {
    for (auto& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }

  [[noreturn]] void run() {
    process::serve_orders("postern-launch", socket_, [this] { reap(); }, [this] { take_orders(); });
  }

 private:
  void take_orders() {
    std::uint8_t order = 0;
    process::Packet packet;
    const auto status = process::receive_packet(socket_, {&order, 1}, packet);
    if (status == process::ReceiveStatus::closed) ::_exit(0);  // control is gone: the data plane goes on
    if (status != process::ReceiveStatus::packet) return;
    if (order == static_cast<std::uint8_t>(Order::start) && child_ == 0) start();
    if (order == static_cast<std::uint8_t>(Order::terminate) && child_ != 0) ::kill(child_, SIGTERM);
    if (order == static_cast<std::uint8_t>(Order::kill) && child_ != 0) ::kill(child_, SIGKILL);
  }

  // A pipe that closes on execution tells whether that worked.
  void start() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      return send_event(socket_, {Launcher::Event::Kind::failed, 0, errno});
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) become(pointers_, writing.get());
    writing.reset();
    int why = child < 0 ? errno : 0;
    if (child > 0 && ::read(reading.get(), &why, sizeof why) != sizeof why) why = 0;
    if (why != 0) {
      if (child > 0) ::waitpid(child, nullptr, 0);
      return send_event(socket_, {Launcher::Event::Kind::failed, 0, why});
    }
    child_ = child;
    send_event(socket_, {Launcher::Event::Kind::started, child, 0});
  }

  void reap() {
    int status = 0;
    if (child_ == 0 || ::waitpid(child_, &status, WNOHANG) != child_) return;
    send_event(socket_, {Launcher::Event::Kind::ended, child_, status});
    child_ = 0;
  }

  Descriptor socket_;
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
  pid_t child_ = 0;
};

// It may start its one program, and neither it nor that program any other. A kernel that cannot hold it to
// that is no reason not to carry mail; the program's own powers hold all the same.
void confine_launcher(const std::string& program) {
  const std::array<std::string, 1> one{program};
  if (const auto held = process::limit_programs(one); !held)
    log::write(log::Level::warning, "launcher", held.error().reason);
  if (const auto held = process::forbid_what_nobody_needs(); !held)
    log::write(log::Level::warning, "launcher", held.error().reason);
}

bool send_order(const Descriptor& socket, Order order) {
  const auto byte = static_cast<std::uint8_t>(order);
  return process::send_packet(socket, {&byte, 1});
}

}  // namespace

Result<Launcher, Fault> Launcher::create(const std::vector<std::string>& arguments) {
  auto pair = process::packet_pair();
  if (!pair) return fault(pair.error().reason);
  auto& [ours, theirs] = *pair;
  const pid_t child = ::fork();
  if (child < 0) return fault(std::string("cannot start the launcher: ") + std::strerror(errno));
  if (child == 0) {
    ours.reset();
    confine_launcher(arguments[0]);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR2}) ::signal(signal, SIG_IGN);
    Starter(std::move(theirs), arguments).run();
  }
  return Launcher(std::move(ours));
}

bool Launcher::start() {
  return send_order(socket_, Order::start);
}
bool Launcher::terminate() {
  return send_order(socket_, Order::terminate);
}
bool Launcher::kill() {
  return send_order(socket_, Order::kill);
}

std::optional<Launcher::Event> Launcher::next() {
  Event event;
  process::Packet packet;
  const auto status =
      process::receive_packet(socket_, {reinterpret_cast<std::uint8_t*>(&event), sizeof event}, packet);
  if (status == process::ReceiveStatus::nothing) return std::nullopt;
  if (status != process::ReceiveStatus::packet || packet.size != sizeof event) {
    return Event{Event::Kind::launcher_gone, 0, 0};
  }
  return event;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "was killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace postern::control
