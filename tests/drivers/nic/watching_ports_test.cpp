// The wrappers that only watch: trace and pcap.
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "drivers/nic/frame_text.hpp"
#include "drivers/nic/memory_port.hpp"
#include "drivers/nic/pcap_port.hpp"
#include "drivers/nic/trace_port.hpp"
#include "tests/drivers/nic/packets.hpp"
#include "tests/drivers/nic/port_conformance.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;

namespace {

void collect(std::string_view line, void* lines) {
  static_cast<std::vector<std::string>*>(lines)->emplace_back(line);
}

struct TemporaryFile {
  std::FILE* stream = std::tmpfile();
  ~TemporaryFile() { std::fclose(stream); }
  std::vector<std::uint8_t> content() {
    std::fflush(stream);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::ftell(stream)));
    std::rewind(stream);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), stream));
    return bytes;
  }
};

std::uint32_t native32(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  std::uint32_t value;
  std::memcpy(&value, &bytes.at(at), 4);
  return value;
}

void send_syn(Port& port) {
  Frame frame;
  CHECK_TRUE(port.allocate(frame));
  test::fill_syn_v4(frame, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, {192, 0, 2, 1}, {192, 0, 2, 2}, 40000, 25);
  port.transmit({&frame, 1}, Instant{12s} + 345ns);
}

std::string text_of(Bytes frame) {
  FrameText buffer;
  return std::string(frame_text(frame, buffer));
}

}  // namespace

TEST_GROUP(WatchingPorts){};

TEST(WatchingPorts, trace_keeps_the_promises_of_a_port) {
  MemoryWire wire;
  std::vector<std::string> lines;
  TracePort port(wire.a(), &collect, &lines);
  test::check_conformance({port, wire.b()});
  test::check_conformance({wire.b(), port});
}

TEST(WatchingPorts, pcap_keeps_the_promises_of_a_port) {
  MemoryWire wire;
  TemporaryFile file;
  PcapPort port(wire.a(), file.stream);
  test::check_conformance({port, wire.b()});
  test::check_conformance({wire.b(), port});
  CHECK_FALSE(port.failed());
}

TEST(WatchingPorts, trace_says_one_line_for_each_frame_in_both_directions) {
  MemoryWire wire;
  std::vector<std::string> lines;
  TracePort a(wire.a(), &collect, &lines);
  TracePort b(wire.b(), &collect, &lines);
  send_syn(a);
  Frame got;
  CHECK_EQUAL(1, b.receive({&got, 1}, Instant{12s} + 400ns));
  b.release({&got, 1});
  CHECK_EQUAL(2, lines.size());
  STRCMP_EQUAL(
      "12.000000345 memory-a > TCP 192.0.2.1.40000 > 192.0.2.2.25 [S] seq 1000 ack 0 win 65535 len 0 (54 "
      "bytes)",
      lines[0].c_str());
  STRCMP_EQUAL(
      "12.000000400 memory-b < TCP 192.0.2.1.40000 > 192.0.2.2.25 [S] seq 1000 ack 0 win 65535 len 0 (54 "
      "bytes)",
      lines[1].c_str());
}

TEST(WatchingPorts, names_arp_and_ipv6) {
  MemoryWire wire;
  Frame frame;
  CHECK_TRUE(wire.a().allocate(frame));
  test::fill_arp_request(frame, {2, 0, 0, 0, 0, 1}, {192, 0, 2, 1}, {192, 0, 2, 9});
  STRCMP_EQUAL("ARP who-has 192.0.2.9 from 192.0.2.1 (42 bytes)", text_of(frame.bytes()).c_str());
  test::V6 address{0x20, 0x01, 0x0d, 0xb8};
  address[15] = 1;
  test::fill_syn_v6(frame, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, address, address, 1, 2);
  STRCMP_EQUAL("TCP 2001:db8::1.1 > 2001:db8::1.2 [S] seq 1000 ack 0 win 65535 len 0 (74 bytes)",
               text_of(frame.bytes()).c_str());
  wire.a().discard(frame);
}

TEST(WatchingPorts, says_something_about_every_prefix_of_a_frame) {
  MemoryWire wire;
  Frame frame;
  CHECK_TRUE(wire.a().allocate(frame));
  test::fill_syn_v4(frame, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, {192, 0, 2, 1}, {192, 0, 2, 2}, 40000, 25);
  for (std::uint16_t length = 0; length <= 54; ++length) {
    // A copy of exactly that size, so that the sanitizer sees a read behind it.
    const std::vector<std::uint8_t> cut(frame.data, frame.data + length);
    STRCMP_CONTAINS("bytes)", text_of(cut).c_str());
  }
  STRCMP_EQUAL("Ethernet cut (13 bytes)", text_of(frame.bytes().first(13)).c_str());
  STRCMP_EQUAL("IPv4 cut (33 bytes)", text_of(frame.bytes().first(33)).c_str());
  wire.a().discard(frame);
}

TEST(WatchingPorts, pcap_writes_a_file_header_and_each_frame_with_its_time) {
  MemoryWire wire;
  TemporaryFile file;
  PcapPort port(wire.a(), file.stream, 1000s);
  send_syn(port);
  const auto bytes = file.content();
  CHECK_EQUAL(24 + 16 + 54, bytes.size());
  CHECK_EQUAL(0xa1b23c4du, native32(bytes, 0));
  CHECK_EQUAL(1u, native32(bytes, 20));
  CHECK_EQUAL(1012u, native32(bytes, 24));
  CHECK_EQUAL(345u, native32(bytes, 28));
  CHECK_EQUAL(54u, native32(bytes, 32));
  CHECK_EQUAL(54u, native32(bytes, 36));
}

TEST(WatchingPorts, a_capture_that_cannot_be_written_does_not_stop_the_port) {
  MemoryWire wire;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"), &std::fclose);
  std::setvbuf(full.get(), nullptr, _IONBF, 0);
  PcapPort port(wire.a(), full.get());
  send_syn(port);
  CHECK_TRUE(port.failed());
  Frame got;
  CHECK_EQUAL(1, wire.b().receive({&got, 1}, Instant{}));
  wire.b().release({&got, 1});
}
