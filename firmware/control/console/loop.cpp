// The console's loop: see the header.
#include "firmware/control/console/loop.hpp"

#include <poll.h>

#include <array>

#include "drivers/console/tty.hpp"
#include "firmware/control/console/machine.hpp"
#include "platform/clock/clock.hpp"

namespace postern::control::console {

namespace {

// Timers of the session are coarse; keys and answers wake the loop at once.
constexpr int kTurnMilliseconds = 100;
constexpr std::size_t kMostUnsent = 64 * 1024;

}  // namespace

Loop::Loop(terminal::Terminal& terminal, Station station, std::string door, Runner runner)
    : terminal_(terminal),
      station_(std::move(station)),
      door_(std::move(door)),
      runner_(std::move(runner)),
      session_(station_) {}

int Loop::run(const volatile int& ended) {
  session_.begin(clock::kernel_instant());
  while (ended == 0 && !over_) {
    turn();
    if (!over_) wait();
  }
  send();
  return 0;
}

void Loop::wait() {
  std::vector<pollfd> watched;
  if (terminal_.descriptor() >= 0) {
    const bool full = !out_.empty();
    watched.push_back({terminal_.descriptor(), static_cast<short>(full ? POLLIN | POLLOUT : POLLIN), 0});
  }
  door_.watch(watched);
  for (const int fd : runner_.descriptors(session_.wants_output() && out_.size() < kMostUnsent))
    watched.push_back({fd, POLLIN, 0});
  ::poll(watched.data(), watched.size(), kTurnMilliseconds);
}

void Loop::turn() {
  const auto now = clock::kernel_instant();
  read();
  // A terminal that knows its size is believed; others are asked by the session.
  const auto size = terminal_.size();
  if (size.columns != 0 && size.rows != 0) session_.sized(size.columns, size.rows);
  door_.turn(now, [this](std::uint64_t ticket, const Json& answer) { session_.answer(ticket, answer); });
  for (const auto& piece : runner_.turn(session_.wants_output() && out_.size() < kMostUnsent))
    take_piece(piece);
  session_.tick(now, out_.empty() && terminal_.waiting() == 0);
  carry_requests();
  out_ += session_.take_screen();
  send();
}

void Loop::take_piece(const Runner::Piece& piece) {
  if (!piece.account) {
    session_.output(piece.ticket, piece.text);
    if (piece.status) session_.answer(piece.ticket, {{"status", *piece.status}});
    return;
  }
  auto& text = account_answers_[piece.ticket];
  text += piece.text;
  if (!piece.status) return;
  auto answer = Json::parse(text, nullptr, false);
  account_answers_.erase(piece.ticket);
  session_.answer(piece.ticket, answer.is_object() ? answer : Json{{"error", "the accounts cannot be read"}});
}

void Loop::read() {
  std::array<char, 4096> buffer;
  const auto got = terminal_.receive(buffer);
  if (got.closed) over_ = true;
  if (got.broke) return next_speed();
  if (got.bytes > 0) session_.bytes({buffer.data(), got.bytes}, clock::kernel_instant());
}

// Whoever sends a break cannot read what we send: the next speed, and a fresh start.
void Loop::next_speed() {
  const auto all = terminal::speeds();
  auto at = std::find(all.begin(), all.end(), station_.baud);
  const auto next = at == all.end() || at + 1 == all.end() ? all.front() : *(at + 1);
  if (!terminal_.set_speed(next)) return;
  station_.baud = next;
  out_.clear();
  session_.set_speed(next);
  session_.hang_up();
}

void Loop::carry_requests() {
  // An answer may bring the next request; questions to the door end it.
  for (int round = 0; round < 100; ++round) {
    const auto requests = session_.take_requests();
    if (requests.empty()) return;
    for (const auto& request : requests) carry(request);
  }
}

void Loop::carry(const Request& request) {
  switch (request.kind) {
    case Request::Kind::door:
      return door_.ask(request.ticket, request.body, clock::kernel_instant());
    case Request::Kind::account:
      return runner_.ask(request.ticket, request.body);
    case Request::Kind::box:
      return session_.answer(request.ticket, ask_machine(request.body));
    case Request::Kind::program:
      return runner_.start(request.ticket, request.body);
    case Request::Kind::stop:
      runner_.stop(request.ticket);
      return door_.stop(request.ticket);
    case Request::Kind::leave:
      over_ = over_ || !station_.known_as.empty();
      return;
  }
}

void Loop::send() {
  while (!out_.empty()) {
    const auto sent = terminal_.send(out_);
    if (sent == 0) return;
    out_.erase(0, sent);
  }
}

}  // namespace postern::control::console
