// Bursts between mbufs and Frames, and the checksums the device does.
#include "drivers/nic/dpdk_port.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "drivers/nic/dpdk_device.hpp"
#include "drivers/nic/transport_checksum.hpp"

namespace postern::nic {
namespace {

constexpr int kTransmitTries = 4;
constexpr auto kRefreshEvery = 1s;
constexpr std::uint16_t kShortestFrame = 60;  // IEEE 802.3: 64 with the FCS
constexpr std::uint8_t kTcp = 6;

rte_mbuf* mbuf_of(const Frame& frame) {
  return static_cast<rte_mbuf*>(frame.owner);
}

std::uint16_t room_behind(const rte_mbuf* mbuf, const std::uint8_t* from) {
  return static_cast<std::uint16_t>(static_cast<const std::uint8_t*>(mbuf->buf_addr) + mbuf->buf_len - from);
}

ChecksumState checksum_of(const rte_mbuf* mbuf) {
  const auto ip = mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
  const auto l4 = mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
  if (ip == RTE_MBUF_F_RX_IP_CKSUM_BAD || l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD) return ChecksumState::bad;
  // An IPv6 header has no checksum, so devices leave `ip` unknown there; the IP layer verifies an IPv4 header
  // itself in any case.
  if (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE) return ChecksumState::good;
  return ChecksumState::unknown;
}

}  // namespace

DpdkPort::DpdkPort(const DpdkDevice& device, std::uint16_t queue, rte_mempool* pool, int wait_descriptor)
    : device_(device),
      facts_(device.facts()),
      number_(device.settings().number),
      queue_(queue),
      pool_(pool),
      wait_descriptor_(wait_descriptor) {
  facts_.can_wait = wait_descriptor_ >= 0;
}

DpdkPort::~DpdkPort() = default;

bool DpdkPort::lands_here(const FlowAddresses& flow) const {
  return device_.spreads_to(flow) == queue_;
}

bool DpdkPort::make_frame(rte_mbuf* mbuf, Frame& frame) {
  if (mbuf->nb_segs > 1 && rte_pktmbuf_linearize(mbuf) != 0) {
    ++counters_.device_errors;
    rte_pktmbuf_free(mbuf);
    return false;
  }
  frame = Frame{};
  frame.data = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
  frame.length = mbuf->data_len;
  frame.capacity = room_behind(mbuf, frame.data);
  frame.checksum = facts_.receive_checksum ? checksum_of(mbuf) : ChecksumState::unknown;
  frame.owner = mbuf;
  counters_.bytes_received += frame.length;
  return true;
}

std::size_t DpdkPort::receive(std::span<Frame> into, Instant now) {
  if (now - refreshed_ >= kRefreshEvery || refreshed_ == Instant::min()) refresh(now);
  std::array<rte_mbuf*, kBurst> mbufs;
  const auto wanted = static_cast<std::uint16_t>(std::min(into.size(), kBurst));
  const auto fetched = rte_eth_rx_burst(number_, queue_, mbufs.data(), wanted);
  std::size_t count = 0;
  for (std::uint16_t i = 0; i < fetched; ++i) {
    if (make_frame(mbufs[i], into[count])) ++count;
  }
  counters_.frames_received += count;
  return count;
}

void DpdkPort::release(std::span<Frame> frames) {
  std::array<rte_mbuf*, kBurst> mbufs;
  while (!frames.empty()) {
    const auto count = std::min(frames.size(), kBurst);
    for (std::size_t i = 0; i < count; ++i) mbufs[i] = mbuf_of(frames[i]);
    rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(count));
    frames = frames.subspan(count);
  }
}

bool DpdkPort::allocate(Frame& frame) {
  auto* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) {
    ++counters_.no_buffer;
    return false;
  }
  static_assert(RTE_PKTMBUF_HEADROOM >= kFrameHeadroom);
  frame = Frame{};
  frame.data = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
  frame.capacity = room_behind(mbuf, frame.data);
  frame.owner = mbuf;
  return true;
}

void DpdkPort::discard(Frame& frame) {
  rte_pktmbuf_free(mbuf_of(frame));
  frame = Frame{};
}

// Puts what the frame says into the mbuf. Returns true where the device has to complete a checksum.
bool DpdkPort::prepare(const Frame& frame, rte_mbuf* mbuf) {
  mbuf->data_off = static_cast<std::uint16_t>(frame.data - static_cast<std::uint8_t*>(mbuf->buf_addr));
  auto length = frame.length;
  if (length < kShortestFrame && room_behind(mbuf, frame.data) >= kShortestFrame) {
    std::memset(frame.data + length, 0, kShortestFrame - length);
    length = kShortestFrame;
  }
  mbuf->data_len = length;
  mbuf->pkt_len = length;
  mbuf->ol_flags = 0;
  if (frame.checksum != ChecksumState::transport) return false;
  const bool v4 = frame.data[frame.l3_offset] >> 4 == 4;
  const auto protocol = frame.data[frame.l3_offset + (v4 ? 9u : 6u)];
  // Devices do TCP; ICMPv6 and whatever a device does not do is completed here.
  if (!facts_.transmit_checksum || protocol != kTcp) {
    complete_transport_checksum(frame);
    return false;
  }
  const std::uint64_t l3_length = frame.l4_offset - frame.l3_offset;
  mbuf->tx_offload = frame.l3_offset | l3_length << RTE_MBUF_L2_LEN_BITS;
  mbuf->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
  return true;
}

void DpdkPort::transmit(std::span<Frame> frames, Instant) {
  std::array<rte_mbuf*, kBurst> mbufs;
  while (!frames.empty()) {
    const auto count = std::min(frames.size(), kBurst);
    bool offloaded = false;
    for (std::size_t i = 0; i < count; ++i) {
      mbufs[i] = mbuf_of(frames[i]);
      offloaded |= prepare(frames[i], mbufs[i]);
    }
    if (offloaded) rte_eth_tx_prepare(number_, queue_, mbufs.data(), static_cast<std::uint16_t>(count));
    send(mbufs.data(), count);
    std::fill_n(frames.begin(), count, Frame{});
    frames = frames.subspan(count);
  }
}

// A queue that stays full after a few tries costs the rest of the burst: TCP repeats it.
void DpdkPort::send(rte_mbuf** mbufs, std::size_t count) {
  std::array<std::uint16_t, kBurst> lengths;
  for (std::size_t i = 0; i < count; ++i) lengths[i] = mbufs[i]->data_len;
  std::size_t sent = 0;
  for (int i = 0; i < kTransmitTries && sent < count; ++i) {
    sent += rte_eth_tx_burst(number_, queue_, mbufs + sent, static_cast<std::uint16_t>(count - sent));
  }
  for (std::size_t i = 0; i < sent; ++i) counters_.bytes_sent += lengths[i];
  counters_.frames_sent += sent;
  if (sent == count) return;
  counters_.transmit_full += count - sent;
  rte_pktmbuf_free_bulk(mbufs + sent, static_cast<unsigned>(count - sent));
}

void DpdkPort::refresh(Instant now) {
  refreshed_ = now;
  rte_eth_link link{};
  link_up_ = rte_eth_link_get_nowait(number_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
  if (queue_ != 0) return;
  rte_eth_stats stats{};
  if (rte_eth_stats_get(number_, &stats) != 0) return;
  counters_.device_missed = stats.imissed + stats.rx_nombuf;
  counters_.device_errors = stats.ierrors;
}

}  // namespace postern::nic
