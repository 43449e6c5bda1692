#include "tests/firmware/tcp/talk.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "firmware/wire/checksum.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp::testing {

namespace {

std::uint8_t peer_byte(std::uint64_t position) {
  return static_cast<std::uint8_t>(position * 7 + position / 256);
}

std::uint8_t flag_bits(const char* text) {
  std::uint8_t bits = 0;
  for (; *text != 0; ++text) {
    switch (*text) {
      case 'S':
        bits |= wire::kTcpSyn;
        break;
      case 'F':
        bits |= wire::kTcpFin;
        break;
      case 'R':
        bits |= wire::kTcpRst;
        break;
      case 'P':
        bits |= wire::kTcpPsh;
        break;
      case '.':
        bits |= wire::kTcpAck;
        break;
      case 'U':
        bits |= wire::kTcpUrg;
        break;
      case 'E':
        bits |= wire::kTcpEce;
        break;
      case 'W':
        bits |= wire::kTcpCwr;
        break;
      default:
        FAIL("unknown flag");
    }
  }
  return bits;
}

std::string flag_text(std::uint8_t bits) {
  std::string text;
  if ((bits & wire::kTcpSyn) != 0) text += 'S';
  if ((bits & wire::kTcpFin) != 0) text += 'F';
  if ((bits & wire::kTcpRst) != 0) text += 'R';
  if ((bits & wire::kTcpPsh) != 0) text += 'P';
  if ((bits & wire::kTcpEce) != 0) text += 'E';
  if ((bits & wire::kTcpCwr) != 0) text += 'W';
  if ((bits & wire::kTcpAck) != 0) text += '.';
  return text;
}

}  // namespace

Settings talk_settings() {
  Settings settings;
  settings.connections = 8;
  settings.half_open = 8;
  settings.half_open_plain = 6;
  settings.time_wait_records = 4;
  settings.replies = 16;
  settings.buffer_memory = 4 << 20;
  settings.pacing = false;  // scripts want segments when they are due; pacing_test.cpp turns it on
  for (std::size_t i = 0; i < 16; ++i)
    settings.isn_key[i] = settings.table_key[i] = static_cast<std::uint8_t>(i);
  return settings;
}

Talk::Talk(const Settings& given, bool ipv6) : settings(given), engine(given, counters) {
  own = *wire::IpAddress::parse(ipv6 ? "2001:db8::1" : "192.0.2.1");
  peer = *wire::IpAddress::parse(ipv6 ? "2001:db8:1::7" : "198.51.100.7");
  engine.listen(25);
}

void Talk::send(const char* text, const Options& options) {
  char flags[16] = {};
  unsigned start = 0;
  unsigned end = 0;
  unsigned length = 0;
  unsigned ack = 0;
  unsigned window = 65535;
  CHECK_TRUE(std::sscanf(text, "%15s %u:%u(%u)", flags, &start, &end, &length) == 4);
  LONGS_EQUAL(end - start, length);
  if (const char* at = std::strstr(text, "ack ")) ack = static_cast<unsigned>(std::atol(at + 4)) + own_first;
  if (const char* at = std::strstr(text, "win ")) window = static_cast<unsigned>(std::atol(at + 4));
  wire::TcpOptions wanted;
  wanted.has_mss = options.mss != 0;
  wanted.mss = options.mss;
  wanted.has_window_scale = options.scale >= 0;
  wanted.window_scale = static_cast<std::uint8_t>(std::max(options.scale, 0));
  wanted.sack_permitted = options.sack_permitted;
  wanted.has_timestamps = options.timestamps;
  wanted.timestamp = options.timestamp;
  wanted.timestamp_echo = options.echo;
  wanted.user_timeout = options.user_timeout;
  for (const auto& block : options.sack)
    wanted.sack[wanted.sack_count++] = {block.start + own_first, block.end + own_first};
  std::vector<std::uint8_t> segment(wire::kTcpHeaderMost + length);
  const std::size_t at = wire::write_tcp_header(
      segment.data(),
      {peer_port, own_port, peer_first + start, ack, flag_bits(flags), static_cast<std::uint16_t>(window), 0},
      wanted);
  segment.resize(at + length);
  for (unsigned i = 0; i < length; ++i) segment[at + i] = peer_byte(start + i);
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(peer, own, 6, static_cast<std::uint32_t>(segment.size()));
  store_be16(segment.data() + 16, wire::checksum_finish(wire::checksum_add(pseudo, segment)));
  if (break_checksum) segment[16] ^= 1;
  engine.accept_segment({peer, own, options.ecn, false}, segment, now);
  engine.settle();  // the vector goes away
}

std::string Talk::emit_one() {
  std::array<std::uint8_t, 1600> room;
  OutgoingSegment out;
  if (!engine.emit(room, out, now)) return {};
  const Bytes segment{room.data(), out.length};
  last_ecn = out.ecn;
  const std::uint32_t pseudo = wire::pseudo_header_sum(out.source, out.destination, 6, out.length);
  LONGS_EQUAL(0, wire::checksum_finish(wire::checksum_add(pseudo, segment)));
  const auto view = *wire::TcpView::parse(segment);
  last = {view.source_port(), view.destination_port(), view.sequence(),      view.acknowledgment(),
          view.flags(),       view.window(),           view.urgent_pointer()};
  last_length = static_cast<std::uint32_t>(view.payload().size());
  last_options = wire::parse_tcp_options(view.options());
  if (!own_known && (view.flags() & wire::kTcpSyn) != 0) {
    own_first = view.sequence();
    own_known = true;
  }
  const bool refusal =
      (view.flags() & wire::kTcpRst) != 0 && (view.flags() & wire::kTcpAck) != 0 && view.sequence() == 0;
  const std::uint32_t start = refusal ? 0 : view.sequence() - own_first;
  const auto length = static_cast<std::uint32_t>(view.payload().size());
  std::string text = flag_text(view.flags()) + " " + std::to_string(start) + ":" +
                     std::to_string(start + length) + "(" + std::to_string(length) + ")";
  if ((view.flags() & wire::kTcpAck) != 0)
    text += " ack " + std::to_string(view.acknowledgment() - peer_first);
  for (std::size_t i = 0; i < last_options.sack_count; ++i) {
    text += " sack " + std::to_string(last_options.sack[i].start - peer_first) + ":" +
            std::to_string(last_options.sack[i].end - peer_first);
  }
  return text;
}

void Talk::hears(const char* text) {
  const std::string heard = emit_one();
  STRCMP_EQUAL(text, heard.c_str());
}

void Talk::hears_nothing() {
  const std::string heard = emit_one();
  STRCMP_EQUAL("", heard.c_str());
}

std::string Talk::all() {
  std::string text;
  for (std::string one = emit_one(); !one.empty(); one = emit_one()) text += (text.empty() ? "" : "\n") + one;
  return text;
}

void Talk::wait(Duration time) {
  const Instant end = now + time;
  while (engine.next_deadline() <= end) {
    now = std::max(now, engine.next_deadline());
    engine.advance(now);
  }
  now = end;
}

void Talk::open(const Options& options) {
  send("S 0:0(0)", options);
  hears("S. 0:0(0) ack 1");
  Options third;
  third.timestamps = options.timestamps;
  third.timestamp = options.timestamp;
  third.echo = last_options.timestamp;
  send(". 1:1(0) ack 1", third);
  hears_nothing();
  STRCMP_EQUAL("opened", events().c_str());
}

void Talk::connect(const Options& options) {
  const auto made = engine.connect(own, {peer, peer_port}, now);
  CHECK_TRUE(made.has_value());
  id = *made;
  own_port = engine.flow(id).local.port;
  hears("S 0:0(0)");
  send("S. 0:0(0) ack 1", options);
  hears(". 1:1(0) ack 1");
  STRCMP_EQUAL("connected", events().c_str());
}

void Talk::write(std::size_t count) {
  const std::vector<std::uint8_t> data(count, 'x');
  LONGS_EQUAL(count, engine.write(id, data, now));
}

std::size_t Talk::read() {
  std::size_t total = 0;
  for (Bytes bytes = engine.readable(id); !bytes.empty(); bytes = engine.readable(id)) {
    for (const std::uint8_t byte : bytes) BYTES_EQUAL(peer_byte(1 + read_++), byte);
    total += bytes.size();
    engine.consume(id, bytes.size(), now);
  }
  return total;
}

std::string Talk::events() {
  constexpr const char* kNames[] = {"opened",      "connected", "readable",  "writable",
                                    "peer_closed", "reset",     "timed_out", "closed"};
  std::string text;
  for (const Event& event : engine.events()) {
    if (event.kind == EventKind::opened) id = event.id;
    text += (text.empty() ? "" : " ") + std::string{kNames[static_cast<int>(event.kind)]};
  }
  engine.clear_events();
  return text;
}

std::string Talk::state() const {
  const auto facts = engine.facts(id);
  return facts ? std::string{facts->state} : "gone";
}

}  // namespace postern::tcp::testing
