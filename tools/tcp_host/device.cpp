#include "tools/tcp_host/device.hpp"

#include <cerrno>
#include <cstring>

#include "platform/board/board.hpp"

namespace postern::tcp_host {
namespace {

bool is_pci(const std::string& device) {
  return device.find(':') != std::string::npos && !device.starts_with("net_");
}

board::Board board_of(const Options& options) {
  board::Board board;
  board.name = "tcp-host";
  board.source = "--vdev";
  board.memory = {.hugepages = is_pci(options.vdev), .megabytes = options.megabytes};
  board.cores = {.data = {options.core}, .spool_writer = options.core, .housekeeping = options.core};
  board::Port port;
  port.name = "port";
  port.kind = is_pci(options.vdev) ? board::Port::Kind::pci : board::Port::Kind::vdev;
  port.device = options.vdev;
  port.mtu = options.interface.mtu;
  port.checksum_offload = options.offload;
  board.ports.push_back(port);
  return board;
}

// The kernel's end of a tap has the device's own address: ours has to be another.
wire::MacAddress beside(wire::MacAddress mac) {
  mac.bytes[0] = 0x02;
  mac.bytes[5] ^= 0xff;
  return mac;
}

}  // namespace

Device::~Device() {
  device_.reset();
  if (capture_ != nullptr) std::fclose(capture_);
}

Result<void, Fault> Device::start(const Options& options) {
  auto board = board_of(options);
  auto started = eal::Eal::start(board, "tcp-host");
  if (!started) return fault(started.error().front().reason);
  eal_ = std::move(*started);
  const auto number = eal_->attach_port(board.ports[0]);
  if (!number) return fault(number.error().reason);
  auto settings = nic::device_settings(board, board.ports[0], *number);
  settings.queues = 1;
  auto device = nic::DpdkDevice::open(settings);
  if (!device) return fault(device.error().reason);
  device_ = std::move(*device);
  port_ = &device_->queue(0);
  mac_.bytes = port_->facts().mac;
  if (options.vdev.starts_with("net_tap")) mac_ = beside(mac_);
  if (options.mac) mac_ = *options.mac;
  return {};
}

Result<void, Fault> Device::wrap(const Options& options, Duration wall_minus_instant) {
  if (!options.pcap.empty()) {
    capture_ = std::fopen(options.pcap.c_str(), "wbe");
    if (capture_ == nullptr) return fault("--pcap " + options.pcap + ": " + std::strerror(errno));
    pcap_ = std::make_unique<nic::PcapPort>(*port_, capture_, wall_minus_instant);
    port_ = pcap_.get();
  }
  if (!options.faults.sent.does_nothing() || !options.faults.received.does_nothing()) {
    faults_ = std::make_unique<nic::FaultPort>(*port_, options.faults);
    port_ = faults_.get();
  }
  return {};
}

Result<std::unique_ptr<Device>, Fault> Device::open(const Options& options, Duration wall_minus_instant) {
  std::unique_ptr<Device> device(new Device);
  if (auto done = device->start(options); !done) return tl::unexpected(done.error());
  if (auto done = device->wrap(options, wall_minus_instant); !done) return tl::unexpected(done.error());
  return device;
}

}  // namespace postern::tcp_host
