#include "tests/simulation/tcp/capture.hpp"

#include <array>
#include <cstring>

#include "firmware/wire/checksum.hpp"

namespace postern::tcp::testing {

namespace {

constexpr std::uint32_t kRawIp = 101;
constexpr std::size_t kIpHeader = 20;

void write(std::FILE* file, const void* data, std::size_t size) {
  if (file != nullptr && std::fwrite(data, 1, size, file) != size) std::perror("capture");
}

std::array<std::uint8_t, kIpHeader> ip_header(const OutgoingSegment& out, std::size_t payload) {
  std::array<std::uint8_t, kIpHeader> header{0x45, out.ecn};
  store_be16(&header[2], static_cast<std::uint16_t>(kIpHeader + payload));
  header[6] = 0x40;  // do not fragment
  header[8] = 64;
  header[9] = 6;
  std::memcpy(&header[12], out.source.v4_bytes(), 4);
  std::memcpy(&header[16], out.destination.v4_bytes(), 4);
  store_be16(&header[10], wire::checksum_finish(wire::checksum_add(0, header)));
  return header;
}

}  // namespace

Capture::Capture(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {
  const std::uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, kRawIp};  // nanoseconds
  write(file_, header, sizeof header);
}

Capture::~Capture() {
  if (file_ != nullptr) std::fclose(file_);
}

void Capture::add(Instant now, const OutgoingSegment& out, Bytes segment) {
  const auto ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const auto size = static_cast<std::uint32_t>(kIpHeader + segment.size());
  const std::uint32_t record[] = {static_cast<std::uint32_t>(ns / 1'000'000'000),
                                  static_cast<std::uint32_t>(ns % 1'000'000'000), size, size};
  write(file_, record, sizeof record);
  write(file_, ip_header(out, segment.size()).data(), kIpHeader);
  write(file_, segment.data(), segment.size());
}

}  // namespace postern::tcp::testing
