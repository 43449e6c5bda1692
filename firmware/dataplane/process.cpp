#include "firmware/dataplane/process.hpp"

#include <utility>

#include "firmware/dataplane/confinement/confinement.hpp"
#include "firmware/dataplane/core_slot.hpp"
#include "platform/log/log.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::dataplane {
namespace {

void say(log::Level level, const std::string& text) {
  log::write(level, "dataplane", text);
}

std::vector<std::string> port_names(const board::Board& board) {
  std::vector<std::string> names;
  for (const auto& port : board.ports) names.push_back(port.name);
  return names;
}

// Whether the answers of a connection we open come back to this core's queues.
bool lands_here(void* context, const wire::Flow& flow) {
  const auto& ports = *static_cast<const std::vector<nic::Port*>*>(context);
  const nic::FlowAddresses addresses{.local = flow.local.address.bytes,
                                     .remote = flow.remote.address.bytes,
                                     .local_port = flow.local.port,
                                     .remote_port = flow.remote.port};
  for (const auto* port : ports) {
    if (!port->lands_here(addresses)) return false;
  }
  return true;
}

}  // namespace

Process::Process(const board::Board& board, ControlLink& link) : board_(board), link_(link) {}
Process::~Process() = default;

Result<DataplaneSettings, Fault> Process::map(const ipc::SettingsView& view,
                                              const ipc::Credentials& credentials) const {
  return map_settings(view, credentials, port_names(board_));
}

Result<void, Fault> Process::start(FirstSet&& first) {
  link_.set_phase(ipc::Phase::starting);
  auto settings = map(first.generation.settings, first.generation.credentials);
  first.generation.credentials.wipe();
  if (!settings) return fault(settings.error().reason);
  settings->generation = first.generation.number;
  for (auto* key : {&net_key_, &isn_key_, &cookie_key_, &table_key_}) {
    const auto seed = rng::system_seed();
    if (!seed) return fault(seed.error().reason);
    std::copy_n(seed->begin(), key->size(), key->begin());
  }
  const auto life = rng::system_seed();
  if (!life) return fault(life.error().reason);
  life_ = load_be64(life->data());
  auto eal = eal::Eal::start(board_, "postern-dataplane");
  if (!eal) return fault(eal.error().front().reason);
  eal_ = std::move(*eal);
  if (auto done = open_ports(); !done) return done;
  if (auto done = open_taps(); !done) return done;
  if (auto done = start_spool(*settings); !done) return done;
  logins_ = std::make_unique<LoginChecker>(board_.cores.data.size());
  logins_->set_users(std::move(settings->users));
  auto signer = MailSigner::start(settings->signing_keys, board_.cores.data.size());
  if (!signer) return fault(signer.error().reason);
  signer_ = std::move(*signer);
  if (auto done = start_cores(*settings, map_tickets(first.tickets)); !done) return done;
  if (auto done = confine(); !done) return done;
  link_.set_phase(ipc::Phase::running);
  say(log::Level::notice, "running: " + std::to_string(cores_.size()) + " packet core(s), " +
                              std::to_string(devices_.size()) + " port(s), board " + board_.name);
  return {};
}

Result<void, Fault> Process::open_ports() {
  for (const auto& port : board_.ports) {
    const auto number = eal_->attach_port(port);
    if (!number) return fault(number.error().reason);
    auto device = nic::DpdkDevice::open(nic::device_settings(board_, port, *number));
    if (!device) return fault(device.error().reason);
    devices_.push_back(std::move(*device));
  }
  return {};
}

Result<void, Fault> Process::start_spool(const DataplaneSettings& settings) {
  auto writer = SpoolWriter::start({.directory = settings.spool_directory,
                                    .shards = board_.cores.data.size(),
                                    .segment_bytes = settings.shard.spool.segment_bytes},
                                   link_.counters().place<SpoolWriterCounters>("spool_writer", 0));
  if (!writer) return fault(writer.error().reason);
  writer_ = std::move(*writer);
  return {};
}

// From here on the process can do no more than carry mail: whoever takes it over finds little to take.
Result<void, Fault> Process::confine() const {
  std::vector<std::string_view> calls;
  for (const auto& port : board_.ports) {
    if (port.kind != board::Port::Kind::vdev) continue;
    const auto driver = port.device.substr(0, port.device.find_first_of("0123456789,"));
    for (const auto call : calls_of_driver(driver)) calls.push_back(call);
  }
  return confine_dataplane(calls);
}

// A port whose board names a tap gives what is not ours to the kernel there.
Result<void, Fault> Process::open_taps() {
  for (std::size_t i = 0; i < board_.ports.size(); ++i) {
    taps_.emplace_back();
    if (board_.ports[i].exception_tap.empty()) continue;
    auto tap = nic::ExceptionTap::start({.interface = board_.ports[i].exception_tap,
                                         .mac = devices_[i]->facts().mac,
                                         .mtu = devices_[i]->facts().mtu,
                                         .cores = board_.cores.data.size()});
    if (!tap) return fault(tap.error().reason);
    taps_.back() = std::move(*tap);
  }
  return {};
}

Result<void, Fault> Process::start_cores(const DataplaneSettings& settings, const tls::TicketKeys& tickets) {
  const std::size_t count = board_.cores.data.size();
  for (std::size_t i = 0; i < count * count; ++i) {
    shared_.push_back(std::make_unique<SharedFrames>(kSharedFrames, kSharedBytes));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (auto done = start_core(i, settings, tickets); !done) return done;
  }
  return {};
}

// Fills in what only this process knows.
void Process::complete(shard::Settings& settings, std::size_t index) const {
  settings.shard = static_cast<std::uint8_t>(index);
  settings.spool.shard = settings.shard;
  settings.net.key = net_key_;
  settings.net.leader = index == 0;
  settings.tcp.isn_key = isn_key_;
  settings.tcp.cookie_key = cookie_key_;
  settings.tcp.table_key = table_key_;
  settings.net.interfaces.resize(devices_.size());
  settings.tcp.checksum_offload = true;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto& facts = devices_[i]->facts();
    auto& interface = settings.net.interfaces[i];
    interface.mac.bytes = facts.mac;
    interface.mtu = facts.mtu;
    interface.transmit_checksum = facts.transmit_checksum;
    settings.tcp.mtu = std::min(settings.tcp.mtu, facts.mtu);
    settings.tcp.checksum_offload = settings.tcp.checksum_offload && facts.transmit_checksum;
  }
  for (const auto& tap : taps_) settings.net.exception_path = settings.net.exception_path || tap != nullptr;
}

Result<void, Fault> Process::start_core(std::size_t index, const DataplaneSettings& settings,
                                        const tls::TicketKeys& tickets) {
  const auto shard = static_cast<std::uint32_t>(index);
  const auto seed = rng::system_seed();
  if (!seed) return fault(seed.error().reason);
  auto& page = link_.counters();
  const shard::CounterSet counters{.net = page.place<net::Counters>("net", shard),
                                   .tcp = page.place<tcp::Counters>("tcp", shard),
                                   .tls = page.place<tls::Counters>("tls", shard),
                                   .smtp = page.place<smtp::Counters>("smtp", shard),
                                   .spool = page.place<spool::Counters>("spool", shard),
                                   .shard = page.place<shard::Counters>("shard", shard)};
  auto slot = std::make_unique<CoreSlot>();
  auto& mine = *slot;
  for (const auto& device : devices_) mine.ports.push_back(&device->queue(index));
  mine.counters = &page.place<Counters>("dataplane", shard);
  mine.counters->generation = settings.generation;
  mine.teller = std::make_unique<OutcomeTeller>(link_.outcomes(shard), static_cast<std::uint8_t>(index),
                                                mine.counters->outcomes_lost);
  mine.policies = std::make_unique<RingPolicySource>(shard, life_);
  std::vector<nic::ExceptionTap*> taps;
  for (const auto& tap : taps_) taps.push_back(tap.get());
  std::vector<SharedFrames*> from_cores;
  std::vector<SharedFrames*> to_cores;
  const std::size_t count = board_.cores.data.size();
  for (std::size_t other = 0; other < count; ++other) {
    if (other == index) continue;
    from_cores.push_back(shared_[other * count + index].get());
    to_cores.push_back(shared_[index * count + other].get());
  }
  mine.core = std::make_unique<PacketCore>(PacketCore::Parts{.ports = mine.ports,
                                                             .taps = taps,
                                                             .from_cores = from_cores,
                                                             .to_cores = to_cores,
                                                             .spool = &writer_->queue(index),
                                                             .policies = mine.policies.get(),
                                                             .index = index,
                                                             .counters = mine.counters,
                                                             .reserve_bytes = settings.spool_reserve_bytes});
  auto own = settings.shard;
  complete(own, index);
  auto make_shard = [&, own, counters, seed = *seed]() -> std::unique_ptr<shard::Shard> {
    const shard::Birth birth{.credentials = settings.credentials,
                             .tickets = tickets,
                             .seed = seed,
                             .signing_keys = settings.signing_keys,
                             .steering = {.lands_here = lands_here, .context = &mine.ports},
                             .policies = mine.policies.get(),
                             .logins = &logins_->lane(index),
                             .signatures = signer_ ? &signer_->lane(index) : nullptr};
    auto made = shard::Shard::create(own, birth, counters, *mine.teller);
    if (!made) {
      mine.started.set_value(made.error().reason);
      return nullptr;
    }
    (*made)->enter_thread();
    if (const auto recovered = writer_->recover(index, (*made)->spool()); !recovered) {
      mine.started.set_value(recovered.error().reason);
      return nullptr;
    }
    mine.started.set_value({});
    return std::move(*made);
  };
  auto started = mine.started.get_future();
  const auto launched = eal_->run_on_data_core(index, "packet-" + std::to_string(index),
                                               [&mine, make_shard] { mine.core->run(make_shard); });
  if (!launched) return fault(launched.error().reason);
  cores_.push_back(std::move(slot));
  const auto reason = started.get();
  if (!reason.empty()) return fault(reason);
  link_.shard_runs(shard, settings.generation);
  return {};
}

}  // namespace postern::dataplane
