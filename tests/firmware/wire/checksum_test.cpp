// The checksum against the plain definition of RFC 1071, and its pseudo-headers.
#include "firmware/wire/checksum.hpp"

#include <random>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;

namespace {

// RFC 1071 §1, word by word.
std::uint16_t plain_checksum(Bytes bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += std::uint64_t{bytes[i]} << 8;
    if (i + 1 < bytes.size()) sum += bytes[i + 1];
  }
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::uint8_t> noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace

TEST_GROUP(Checksum){};

TEST(Checksum, ExampleOfRfc1071) {
  const std::uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CHECK_EQUAL(0xddf2, checksum_fold(checksum_add(0, bytes)));
}

TEST(Checksum, AgreesWithThePlainSumAtEveryLengthAndAlignment) {
  const auto bytes = noise(1600, 7);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t length = 0; length < 1500; length += length < 80 ? 1 : 61) {
      const Bytes part = Bytes(bytes).subspan(start, length);
      CHECK_EQUAL(plain_checksum(part), checksum_finish(checksum_add(0, part)));
    }
  }
}

TEST(Checksum, CarriesAreNotLostWhereAllBitsAreSet) {
  const std::vector<std::uint8_t> ones(65535, 0xff);
  CHECK_EQUAL(plain_checksum(ones), checksum_finish(checksum_add(0, ones)));
  CHECK_EQUAL(0, checksum_finish(checksum_add(0xffffffff, Bytes(ones).first(65534))));
}

TEST(Checksum, EvenPiecesMayBeAddedOneAfterTheOther) {
  const auto bytes = noise(999, 3);
  for (std::size_t cut = 0; cut < 999; cut += 2) {
    const auto sum = checksum_add(checksum_add(0, Bytes(bytes).first(cut)), Bytes(bytes).subspan(cut));
    CHECK_EQUAL(plain_checksum(bytes), checksum_finish(sum));
  }
}

TEST(Checksum, DataWithItsChecksumSumsToZero) {
  auto bytes = noise(64, 11);
  bytes[10] = bytes[11] = 0;
  store_be16(&bytes[10], checksum_finish(checksum_add(0, bytes)));
  CHECK_EQUAL(0, checksum_finish(checksum_add(0, bytes)));
  bytes[33] ^= 0x10;
  CHECK(checksum_finish(checksum_add(0, bytes)) != 0);
}

TEST(Checksum, PseudoHeaderOfIpv4) {
  const std::uint8_t header[] = {192, 0, 2, 1, 198, 51, 100, 250, 0, 6, 0x05, 0xdc};
  const auto sum =
      pseudo_header_sum(*IpAddress::parse("192.0.2.1"), *IpAddress::parse("198.51.100.250"), 6, 1500);
  CHECK_EQUAL(plain_checksum(header), checksum_finish(sum));
}

TEST(Checksum, PseudoHeaderOfIpv6) {
  std::vector<std::uint8_t> header;
  const auto source = *IpAddress::parse("2001:db8:ffff::ffff:1");
  const auto destination = *IpAddress::parse("fe80::abcd:9876:5432:1");
  header.insert(header.end(), source.bytes.begin(), source.bytes.end());
  header.insert(header.end(), destination.bytes.begin(), destination.bytes.end());
  header.insert(header.end(), {0, 1, 0x86, 0xa0, 0, 0, 0, 58});
  CHECK_EQUAL(plain_checksum(header), checksum_finish(pseudo_header_sum(source, destination, 58, 100000)));
}

TEST(Checksum, UpdateGivesWhatComputingAnewWouldGive) {
  auto bytes = noise(40, 5);
  for (std::uint32_t value = 0; value < 0x10000; value += 251) {
    const auto before = checksum_finish(checksum_add(0, bytes));
    const auto old = load_be16(&bytes[8]);
    store_be16(&bytes[8], static_cast<std::uint16_t>(value));
    CHECK_EQUAL(checksum_finish(checksum_add(0, bytes)),
                checksum_update(before, old, static_cast<std::uint16_t>(value)));
  }
}
