// Byte by byte, independent of the code under test.
#include "tests/drivers/nic/packets.hpp"

#include <algorithm>

namespace postern::nic::test {
namespace {

std::uint32_t words(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  return sum;
}

std::uint16_t fold(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(sum);
}

void fill_ethernet(std::uint8_t* at, const Mac& to, const Mac& from, std::uint16_t type) {
  std::ranges::copy(to, at);
  std::ranges::copy(from, at + 6);
  store_be16(at + 12, type);
}

// A TCP header of 20 bytes with SYN; `pseudo` is the sum of the addresses.
void fill_syn(std::uint8_t* tcp, std::uint16_t source_port, std::uint16_t destination_port,
              std::uint32_t pseudo) {
  std::fill_n(tcp, 20, std::uint8_t{0});
  store_be16(tcp, source_port);
  store_be16(tcp + 2, destination_port);
  store_be32(tcp + 4, 1000);
  tcp[12] = 5 << 4;
  tcp[13] = 0x02;
  store_be16(tcp + 14, 65535);
  store_be16(tcp + 16, fold(pseudo + 6 + 20));
}

}  // namespace

std::uint16_t checksum(Bytes bytes, std::uint32_t sum) {
  return static_cast<std::uint16_t>(~fold(sum + words(bytes)));
}

void fill_arp_request(Frame& frame, const Mac& mac, const V4& sender, const V4& target) {
  fill_ethernet(frame.data, kBroadcast, mac, 0x0806);
  auto* arp = frame.data + 14;
  constexpr std::array<std::uint8_t, 8> kRequest{0, 1, 8, 0, 6, 4, 0, 1};
  std::ranges::copy(kRequest, arp);
  std::ranges::copy(mac, arp + 8);
  std::ranges::copy(sender, arp + 14);
  std::fill_n(arp + 18, 6, std::uint8_t{0});
  std::ranges::copy(target, arp + 24);
  frame.length = 42;
}

void fill_syn_v4(Frame& frame, const Mac& to, const Mac& from, const V4& source, const V4& destination,
                 std::uint16_t source_port, std::uint16_t destination_port) {
  fill_ethernet(frame.data, to, from, 0x0800);
  auto* ip = frame.data + 14;
  std::fill_n(ip, 20, std::uint8_t{0});
  ip[0] = 0x45;
  store_be16(ip + 2, 40);
  ip[8] = 64;
  ip[9] = 6;
  std::ranges::copy(source, ip + 12);
  std::ranges::copy(destination, ip + 16);
  store_be16(ip + 10, checksum({ip, 20}));
  fill_syn(ip + 20, source_port, destination_port, words({ip + 12, 8}));
  frame.length = 54;
  frame.checksum = ChecksumState::transport;
  frame.l3_offset = 14;
  frame.l4_offset = 34;
}

void fill_syn_v6(Frame& frame, const Mac& to, const Mac& from, const V6& source, const V6& destination,
                 std::uint16_t source_port, std::uint16_t destination_port) {
  fill_ethernet(frame.data, to, from, 0x86dd);
  auto* ip = frame.data + 14;
  std::fill_n(ip, 40, std::uint8_t{0});
  ip[0] = 0x60;
  store_be16(ip + 4, 20);
  ip[6] = 6;
  ip[7] = 64;
  std::ranges::copy(source, ip + 8);
  std::ranges::copy(destination, ip + 24);
  fill_syn(ip + 40, source_port, destination_port, words({ip + 8, 32}));
  frame.length = 74;
  frame.checksum = ChecksumState::transport;
  frame.l3_offset = 14;
  frame.l4_offset = 54;
}

bool has_right_checksums(Bytes frame) {
  const auto ip = frame.subspan(14);
  if (ip[0] >> 4 == 4) {
    const std::size_t total = load_be16(&ip[2]);
    if (checksum(ip.first(20)) != 0) return false;
    return checksum(ip.subspan(20, total - 20),
                    words(ip.subspan(12, 8)) + 6 + static_cast<std::uint32_t>(total - 20)) == 0;
  }
  const std::size_t length = load_be16(&ip[4]);
  return checksum(ip.subspan(40, length),
                  words(ip.subspan(8, 32)) + 6 + static_cast<std::uint32_t>(length)) == 0;
}

}  // namespace postern::nic::test
