#include "tools/tcp_host/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "tools/tcp_host/pattern.hpp"

namespace postern::tcp_host {
namespace {

using tcp::EventKind;

constexpr std::uint32_t kHeader = 8;
constexpr std::size_t kSaid = 64;
constexpr std::uint32_t kStartsPerPoll = 8;

struct DeedName {
  std::string_view name;
  Deed deed;
  std::size_t numbers;  // that follow it
};
constexpr std::array<DeedName, 6> kDeeds{{{"send", Deed::send, 1},
                                          {"receive", Deed::receive, 0},
                                          {"echo", Deed::echo, 1},
                                          {"rr", Deed::rr, 3},
                                          {"source", Deed::source, 1},
                                          {"hold", Deed::hold, 0}}};

// "a:1:2" -> the name, and the numbers in order; false where one is no number.
bool split(std::string_view text, std::string_view& name, std::vector<std::uint64_t>& numbers) {
  auto colon = text.find(':');
  name = text.substr(0, colon);
  while (colon != std::string_view::npos) {
    text = text.substr(colon + 1);
    colon = text.find(':');
    const auto word = text.substr(0, colon);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) return false;
    numbers.push_back(value);
  }
  return true;
}

}  // namespace

Result<Errand> parse_errand(std::string_view text) {
  std::string_view name;
  std::vector<std::uint64_t> numbers;
  const bool good = split(text, name, numbers);
  const auto found = std::ranges::find(kDeeds, name, &DeedName::name);
  if (!good || found == kDeeds.end() || found->numbers != numbers.size()) {
    return fail("send:BYTES, receive, echo:BYTES, rr:COUNT:REQUEST:RESPONSE, source:BYTES or hold");
  }
  Errand errand{.deed = found->deed};
  if (errand.deed == Deed::rr) {
    errand.count = numbers[0];
    errand.request = std::max(kHeader, static_cast<std::uint32_t>(numbers[1]));
    errand.response = static_cast<std::uint32_t>(numbers[2]);
  } else if (!numbers.empty()) {
    errand.bytes = numbers[0];
  }
  return errand;
}

Client::Client(const ClientSettings& settings, std::uint32_t connections)
    : settings_(settings), talks_(connections) {}

bool Client::owns(const tcp::Event& event) const {
  return event.id.slot < talks_.size() && talks_[event.id.slot].live;
}

void Client::start_one(tcp::Engine& tcp, Instant now) {
  if (result_.started++ == 0) result_.began = now;
  const auto id = tcp.connect(source_, settings_.to, now);
  if (!id || id->slot >= talks_.size()) {
    result_.fault = id ? "more connections than the engine has" : id.error().reason;
    ++result_.failed;
    return;
  }
  talks_[id->slot] = Talk{.live = true};
}

std::size_t Client::advance(tcp::Engine& tcp, Instant now) {
  std::size_t count = 0;
  while (result_.started < settings_.connections && now >= next_start_ && count < kStartsPerPoll) {
    start_one(tcp, now);
    next_start_ = now + settings_.gap;
    ++count;
  }
  return count;
}

Instant Client::next_deadline() const {
  return result_.started < settings_.connections ? next_start_ : kNever;
}

bool Client::is_complete(const Talk& talk) const {
  switch (settings_.errand.deed) {
    case Deed::echo:
      return talk.in == settings_.errand.bytes;
    case Deed::source:
      return talk.in == settings_.errand.bytes;
    case Deed::send:
      return talk.out == settings_.errand.bytes;
    case Deed::rr:
      return talk.requests == settings_.errand.count && talk.due == 0;
    default:
      return true;
  }
}

void Client::end(Talk& talk, bool good, std::string_view why, Instant now) {
  talk.live = false;
  result_.crc = talk.crc;
  result_.said = talk.said;
  result_.ended = now;
  if (talk.wrong) ++result_.wrong;
  if (good && !talk.wrong && is_complete(talk)) return void(++result_.finished);
  ++result_.failed;
  result_.fault = talk.wrong ? "received something else" : good ? "closed before all was there" : why;
}

void Client::on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) {
  if (!owns(event)) return;
  Talk& talk = talks_[event.id.slot];
  const Turn turn{tcp, event.id, now, talk};
  switch (event.kind) {
    case EventKind::reset:
      return end(talk, false, "reset", now);
    case EventKind::timed_out:
      return end(talk, false, "timed out", now);
    case EventKind::closed:
      return end(talk, true, "", now);
    case EventKind::connected:
      ++result_.connected;
      break;
    case EventKind::peer_closed:
      talk.peer_done = true;
      break;
    default:
      break;
  }
  pump(turn);
}

void Client::close(Turn& turn) {
  if (turn.talk.closed) return;
  turn.talk.closed = true;
  turn.tcp.close(turn.id, turn.now);
}

void Client::take(Turn& turn, bool check) {
  Talk& talk = turn.talk;
  for (Bytes data = turn.tcp.readable(turn.id); !data.empty(); data = turn.tcp.readable(turn.id)) {
    if (check && !is_pattern(data, talk.in)) talk.wrong = true;
    talk.crc = crc32(talk.crc, data);
    if (talk.said.size() < kSaid)
      talk.said.append(reinterpret_cast<const char*>(data.data()),
                       std::min(data.size(), kSaid - talk.said.size()));
    talk.due -= static_cast<std::uint32_t>(std::min<std::size_t>(talk.due, data.size()));
    talk.in += data.size();
    result_.bytes_in += data.size();
    turn.tcp.consume(turn.id, data.size(), turn.now);
  }
}

void Client::put_pattern(Turn& turn) {
  Talk& talk = turn.talk;
  while (talk.out < settings_.errand.bytes) {
    Bytes piece = pattern(talk.out);
    piece = piece.first(std::min<std::uint64_t>(piece.size(), settings_.errand.bytes - talk.out));
    const std::size_t taken = turn.tcp.write(turn.id, piece, turn.now);
    talk.out += taken;
    result_.bytes_out += taken;
    if (taken < piece.size()) return;
  }
}

// The next request goes out when the response before is complete.
void Client::ask(Turn& turn) {
  Talk& talk = turn.talk;
  const Errand& errand = settings_.errand;
  if (talk.due == 0 && talk.pending == 0) {
    if (talk.requests > 0) {
      const auto micros =
          std::chrono::duration_cast<std::chrono::microseconds>(turn.now - talk.asked).count();
      result_.round_trips_us.push_back(static_cast<std::uint32_t>(micros));
    }
    if (talk.requests == errand.count) return close(turn);
    ++talk.requests;
    talk.asked = turn.now;
    talk.due = errand.response;
    talk.pending = errand.request;
  }
  std::array<std::uint8_t, 4096> bytes{};
  store_be32(bytes.data(), errand.request);
  store_be32(bytes.data() + 4, errand.response);
  while (talk.pending > 0) {
    const std::size_t done = errand.request - talk.pending;
    const std::size_t from = std::min<std::size_t>(done, kHeader);  // filler is zeros, wherever it comes from
    const std::size_t most = std::min<std::size_t>(bytes.size() - from, talk.pending);
    const std::size_t taken = turn.tcp.write(turn.id, {bytes.data() + from, most}, turn.now);
    talk.pending -= static_cast<std::uint32_t>(taken);
    result_.bytes_out += taken;
    if (taken < most) return;
  }
}

void Client::request_source(Turn& turn) {
  if (turn.talk.requests > 0) return;
  turn.talk.requests = 1;
  const std::string line = std::to_string(settings_.errand.bytes) + "\n";
  turn.tcp.write(turn.id, {reinterpret_cast<const std::uint8_t*>(line.data()), line.size()}, turn.now);
}

void Client::pump(Turn turn) {
  Talk& talk = turn.talk;
  const Deed deed = settings_.errand.deed;
  take(turn, deed == Deed::receive || deed == Deed::echo || deed == Deed::source);
  switch (deed) {
    case Deed::send:
      put_pattern(turn);
      if (talk.out == settings_.errand.bytes) close(turn);
      break;
    case Deed::echo:
      put_pattern(turn);
      if (talk.in >= settings_.errand.bytes) close(turn);
      break;
    case Deed::rr:
      ask(turn);
      break;
    case Deed::source:
      request_source(turn);
      break;
    default:
      break;
  }
  if (talk.peer_done) close(turn);
}

}  // namespace postern::tcp_host
