// Configures a DPDK device: what it can, what we ask of it, queues, pools, the spread of connections.
#include "drivers/nic/dpdk_device.hpp"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <iterator>

#include "drivers/nic/dpdk_port.hpp"
#include "drivers/nic/flow_hash.hpp"
#include "drivers/nic/packet_socket.hpp"
#include "platform/eal/dpdk_log.hpp"

namespace postern::nic {
namespace {

constexpr std::uint32_t kLinkHeader = 22;  // Ethernet, two VLAN tags, no FCS
constexpr std::uint64_t kReceiveChecksums = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
constexpr std::uint64_t kHashed =
    RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP;

bool has_all(std::uint64_t has, std::uint64_t wanted) {
  return (has & wanted) == wanted;
}

rte_eth_conf configuration(const rte_eth_dev_info& info, const DeviceSettings& settings, PortFacts& facts) {
  rte_eth_conf conf{};
  conf.rxmode.mtu = settings.mtu;
  facts.receive_checksum = settings.checksum_offload && has_all(info.rx_offload_capa, kReceiveChecksums);
  if (facts.receive_checksum) conf.rxmode.offloads |= kReceiveChecksums;
  facts.transmit_checksum =
      settings.checksum_offload && has_all(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
  if (facts.transmit_checksum) conf.txmode.offloads |= RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
  return conf;
}

}  // namespace

DeviceSettings device_settings(const board::Board& board, const board::Port& port, std::uint16_t number) {
  DeviceSettings settings;
  settings.name = port.name;
  settings.number = number;
  settings.mtu = port.mtu;
  settings.queues = board::queue_count(board, port);
  settings.descriptors = port.descriptors;
  settings.checksum_offload = port.checksum_offload;
  if (port.device.starts_with("net_af_packet")) settings.interface = port.device_argument("iface");
  return settings;
}

tl::unexpected<Fault> DpdkDevice::failed(const std::string& what, int status) const {
  const auto said = eal::take_dpdk_error();
  return fault("port " + settings_.name + ": " + what + ": " + rte_strerror(status < 0 ? -status : status) +
               (said.empty() ? "" : " (DPDK says: " + said + ")"));
}

Result<std::unique_ptr<DpdkDevice>, Fault> DpdkDevice::open(const DeviceSettings& settings) {
  std::unique_ptr<DpdkDevice> device(new DpdkDevice(settings));
  const auto others = xdp_sockets();
  const eal::QuietStart quiet;
  for (const auto step :
       {&DpdkDevice::configure, &DpdkDevice::set_up_queues, &DpdkDevice::start, &DpdkDevice::read_spread}) {
    if (auto done = (device.get()->*step)(); !done) return tl::unexpected(done.error());
  }
  auto wait = packet_sockets(settings.interface);
  if (wait.empty()) std::ranges::set_difference(xdp_sockets(), others, std::back_inserter(wait));
  for (std::uint16_t i = 0; i < settings.queues; ++i) {
    // Sockets and queues are in the same order; where they do not pair up nobody waits on the wrong one.
    const int descriptor = wait.size() == settings.queues ? wait[i] : -1;
    device->queues_.push_back(std::make_unique<DpdkPort>(*device, i, device->pools_[i], descriptor));
  }
  return device;
}

DpdkDevice::~DpdkDevice() {
  if (started_) rte_eth_dev_stop(settings_.number);
  queues_.clear();
  // Closing the device gives its buffers back, so the pools end last.
  rte_eth_dev_close(settings_.number);
  for (auto* pool : pools_) rte_mempool_free(pool);
}

Port& DpdkDevice::queue(std::size_t index) {
  return *queues_[index];
}

Result<void, Fault> DpdkDevice::configure() {
  const auto port = settings_.number;
  rte_eth_dev_info info{};
  if (const int status = rte_eth_dev_info_get(port, &info); status != 0)
    return failed("says nothing", status);
  if (settings_.queues > std::min(info.max_rx_queues, info.max_tx_queues)) {
    return fault("port " + settings_.name + ": the device has " +
                 std::to_string(std::min(info.max_rx_queues, info.max_tx_queues)) +
                 " queue pairs, the board asks for " + std::to_string(settings_.queues) +
                 ": use fewer data cores");
  }
  auto conf = configuration(info, settings_, facts_);
  if (settings_.queues > 1) {
    hashed_ = kHashed & info.flow_type_rss_offloads;
    if (hashed_ == 0) {
      return fault("port " + settings_.name + ": the device cannot spread connections over " +
                   std::to_string(settings_.queues) + " queues (no RSS): use one data core");
    }
    hash_key_ = symmetric_hash_key(info.hash_key_size);
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf = {.rss_key = hash_key_.data(),
                                 .rss_key_len = static_cast<std::uint8_t>(hash_key_.size()),
                                 .rss_hf = hashed_};
  }
  if (settings_.mtu < info.min_mtu || settings_.mtu > info.max_mtu) {
    return fault("port " + settings_.name + ": the device takes an MTU from " + std::to_string(info.min_mtu) +
                 " to " + std::to_string(info.max_mtu) + ", the board asks for " +
                 std::to_string(settings_.mtu));
  }
  const int status = rte_eth_dev_configure(port, settings_.queues, settings_.queues, &conf);
  if (status != 0) return failed("the device does not take its configuration", status);
  return {};
}

Result<void, Fault> DpdkDevice::set_up_queues() {
  const auto port = settings_.number;
  std::uint16_t receive = settings_.descriptors;
  std::uint16_t transmit = settings_.descriptors;
  if (const int status = rte_eth_dev_adjust_nb_rx_tx_desc(port, &receive, &transmit); status != 0) {
    return failed("the device does not take its descriptor count", status);
  }
  const int socket = std::max(rte_eth_dev_socket_id(port), 0);
  const auto room = std::max<std::uint32_t>(settings_.mtu + kLinkHeader, RTE_MBUF_DEFAULT_DATAROOM);
  const auto count = settings_.buffers + receive + transmit;
  for (std::uint16_t queue = 0; queue < settings_.queues; ++queue) {
    const auto name = "nic" + std::to_string(port) + "q" + std::to_string(queue);
    auto* pool = rte_pktmbuf_pool_create(name.c_str(), count, 256, 0,
                                         static_cast<std::uint16_t>(room + RTE_PKTMBUF_HEADROOM), socket);
    if (pool == nullptr) return failed("no memory for its buffers: raise [memory] megabytes", rte_errno);
    pools_.push_back(pool);
    int status = rte_eth_rx_queue_setup(port, queue, receive, static_cast<unsigned>(socket), nullptr, pool);
    if (status != 0) return failed("a receive queue does not start", status);
    status = rte_eth_tx_queue_setup(port, queue, transmit, static_cast<unsigned>(socket), nullptr);
    if (status != 0) return failed("a transmit queue does not start", status);
  }
  return {};
}

Result<void, Fault> DpdkDevice::start() {
  const auto port = settings_.number;
  // Most virtual devices have one fixed size and refuse the call; configure() has checked the range already.
  rte_eth_dev_set_mtu(port, settings_.mtu);
  if (const int status = rte_eth_dev_start(port); status != 0)
    return failed("the device does not start", status);
  started_ = true;
  rte_eth_promiscuous_disable(port);
  // Neighbour discovery speaks to multicast groups (RFC 4861 §7.2.1); few and rare, so all of them may come.
  rte_eth_allmulticast_enable(port);
  rte_ether_addr mac{};
  rte_eth_macaddr_get(port, &mac);
  std::copy_n(mac.addr_bytes, facts_.mac.size(), facts_.mac.begin());
  facts_.name = settings_.name;
  facts_.mtu = settings_.mtu;
  return {};
}

Result<void, Fault> DpdkDevice::read_spread() {
  if (settings_.queues == 1) return {};
  rte_eth_dev_info info{};
  rte_eth_dev_info_get(settings_.number, &info);
  const auto size = std::max<std::uint16_t>(info.reta_size, 1);
  std::vector<rte_eth_rss_reta_entry64> entries((size + RTE_ETH_RETA_GROUP_SIZE - 1u) /
                                                RTE_ETH_RETA_GROUP_SIZE);
  for (std::uint16_t i = 0; i < size; ++i) {
    auto& group = entries[i / RTE_ETH_RETA_GROUP_SIZE];
    group.mask |= std::uint64_t{1} << (i % RTE_ETH_RETA_GROUP_SIZE);
    group.reta[i % RTE_ETH_RETA_GROUP_SIZE] = static_cast<std::uint16_t>(i % settings_.queues);
  }
  const int status = rte_eth_dev_rss_reta_update(settings_.number, entries.data(), size);
  if (status != 0)
    return failed("the device does not let us say where connections land: use one data core", status);
  for (std::uint16_t i = 0; i < size; ++i)
    indirection_.push_back(static_cast<std::uint16_t>(i % settings_.queues));
  return {};
}

std::uint16_t DpdkDevice::spreads_to(const FlowAddresses& flow) const {
  if (indirection_.empty()) return 0;
  const bool v4 = is_mapped_v4(flow.remote);
  const bool with_ports = (hashed_ & (v4 ? RTE_ETH_RSS_NONFRAG_IPV4_TCP : RTE_ETH_RSS_NONFRAG_IPV6_TCP)) != 0;
  const bool at_all = with_ports || (hashed_ & (v4 ? RTE_ETH_RSS_IPV4 : RTE_ETH_RSS_IPV6)) != 0;
  if (!at_all) return 0;
  return indirection_[flow_hash(flow, hash_key_, with_ports) % indirection_.size()];
}

}  // namespace postern::nic
