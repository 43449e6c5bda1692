// The file format of libpcap, pcap-savefile(5), in the writer's byte order.
#include "drivers/nic/pcap_port.hpp"

#include <cstdint>

namespace postern::nic {
namespace {

struct FileHeader {
  std::uint32_t magic = 0xa1b23c4d;  // time stamps in nanoseconds
  std::uint16_t major = 2;
  std::uint16_t minor = 4;
  std::uint32_t reserved[2] = {0, 0};
  std::uint32_t longest = 65535;
  std::uint32_t link_type = 1;  // Ethernet
};
static_assert(sizeof(FileHeader) == 24);

struct PacketHeader {
  std::uint32_t seconds;
  std::uint32_t nanoseconds;
  std::uint32_t kept;
  std::uint32_t length;
};
static_assert(sizeof(PacketHeader) == 16);

}  // namespace

PcapPort::PcapPort(Port& inner, std::FILE* stream, Duration wall_minus_instant)
    : WrappedPort(inner), stream_(stream), wall_minus_instant_(wall_minus_instant) {
  const FileHeader header;
  write(&header, sizeof header);
}

void PcapPort::write(const void* bytes, std::size_t size) {
  if (!failed_ && std::fwrite(bytes, 1, size, stream_) != size) failed_ = true;
}

void PcapPort::see(const Frame& frame, Direction, Instant now) {
  const auto time = static_cast<std::uint64_t>((now.time_since_epoch() + wall_minus_instant_).count());
  const PacketHeader header{static_cast<std::uint32_t>(time / 1'000'000'000),
                            static_cast<std::uint32_t>(time % 1'000'000'000), frame.length, frame.length};
  write(&header, sizeof header);
  write(frame.data, frame.length);
}

}  // namespace postern::nic
