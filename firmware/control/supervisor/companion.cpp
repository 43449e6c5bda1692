// Keeps one small process of the control plane running: see the header.
#include "firmware/control/supervisor/companion.hpp"

#include <array>
#include <cstring>

#include "platform/log/log.hpp"

namespace postern::control {

namespace {

using process::ReceiveStatus;

constexpr Duration kConnectEvery = std::chrono::milliseconds(100);
constexpr Duration kSilence = std::chrono::seconds(10);
constexpr int kMessagesPerTurn = 256;

void say(log::Level level, const std::string& text) {
  log::write(level, "control", text);
}

}  // namespace

Companion::Companion(Launcher launcher, std::string name, std::string socket_path, CompanionEvents events)
    : launcher_(std::move(launcher)),
      name_(std::move(name)),
      path_(std::move(socket_path)),
      events_(std::move(events)) {}

void Companion::turn(Instant now) {
  take_launcher_events(now);
  if (facts_.pid == 0) {
    if (stopping_ || ordered_ || now < facts_.next_start) return;
    ordered_ = launcher_.start();
    return;
  }
  if (!socket_ && !killed_ && now >= next_connect_) {
    next_connect_ = now + kConnectEvery;
    if (auto socket = process::connect_seqpacket(path_); socket) {
      // An earlier one that is still ending has the same path: the kernel tells whose end this is.
      if (process::peer_facts(*socket).pid != facts_.pid) return;
      socket_ = std::move(*socket);
      facts_.on_line = true;
      facts_.reported = now;
      events_.on_line();
    }
  }
  if (socket_) receive(now);
  if (!killed_ && now - facts_.reported >= kSilence) kill("says nothing any more");
}

void Companion::take_launcher_events(Instant now) {
  while (const auto event = launcher_.next()) {
    switch (event->kind) {
      case Launcher::Event::Kind::started:
        ordered_ = false;
        began_ = facts_.reported = now;
        facts_.pid = event->pid;
        ++facts_.starts;
        say(log::Level::notice, "started " + name_ + ", process " + std::to_string(event->pid));
        break;
      case Launcher::Event::Kind::failed:
        on_ended(std::string("cannot be started: ") + std::strerror(event->status), now);
        break;
      case Launcher::Event::Kind::ended:
        on_ended(how_it_ended(event->status), now);
        break;
      case Launcher::Event::Kind::launcher_gone:
        // Nobody can start it any more; what depends on it waits until control is started anew.
        facts_.next_start = kNever;
        return;
    }
  }
}

void Companion::on_ended(const std::string& how, Instant now) {
  drop({});
  ordered_ = false;
  killed_ = false;
  facts_.pid = 0;
  facts_.last_end = name_ + " " + how;
  if (stopping_) return;
  const Duration wait = restarting_ ? Duration{0} : backoff_.ended(now - began_);
  restarting_ = false;
  facts_.next_start = now + wait;
  if (wait == Duration{0}) return;
  say(log::Level::error, facts_.last_end + "; starting it again in " +
                             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(wait).count()) +
                             " s");
}

void Companion::receive(Instant now) {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
  for (int i = 0; i < kMessagesPerTurn && socket_; ++i) {
    process::Packet packet;
    const auto status = process::receive_packet(socket_, buffer, packet);
    if (status == ReceiveStatus::nothing) return;
    if (status == ReceiveStatus::closed) return drop("closed its line");
    ipc::MessageFault fault{};
    const auto message = status == ReceiveStatus::packet
                             ? ipc::open_message(Bytes(buffer).first(packet.size), fault)
                             : std::nullopt;
    if (!message || !(events_.on_packet ? events_.on_packet(*message, packet) : events_.on_message(*message)))
      return kill("sends nonsense");
    facts_.reported = now;
  }
}

void Companion::drop(std::string_view why) {
  if (!socket_) return;
  socket_.reset();
  facts_.on_line = false;
  if (!why.empty() && !stopping_ && !restarting_) say(log::Level::warning, name_ + " " + std::string(why));
  events_.on_gone();
}

// A process that hangs may not see a polite word.
void Companion::kill(std::string_view why) {
  say(log::Level::error, name_ + " " + std::string(why) + ": killing it");
  killed_ = true;
  launcher_.kill();
  drop({});
}

void Companion::restart() {
  if (facts_.pid == 0 || stopping_) {
    facts_.next_start = std::min(facts_.next_start, began_);
    return;
  }
  restarting_ = true;
  killed_ = true;
  launcher_.kill();
  drop({});
}

void Companion::stop() {
  if (stopping_) return;
  stopping_ = true;
  if (facts_.pid != 0) launcher_.kill();
  drop({});
}

bool Companion::send(Bytes message, std::span<const int> descriptors) {
  return socket_ && process::send_packet(socket_, message, descriptors);
}

std::vector<int> Companion::descriptors() const {
  std::vector<int> all{launcher_.descriptor()};
  if (socket_) all.push_back(socket_.get());
  return all;
}

}  // namespace postern::control
