// Control's end of the line to the data plane: see the header.
#include "firmware/control/supervisor/dataplane_end.hpp"

#include <sodium.h>
#include <strings.h>

#include <array>

#include "firmware/ipc/policy_memory.hpp"
#include "firmware/ipc/settings_snapshot.hpp"

namespace postern::control {

namespace {

using process::ReceiveStatus;

constexpr int kMessagesPerTurn = 256;
constexpr std::size_t kMostPageBytes = 256u << 20;
constexpr std::size_t kMostReportMailBytes = 8u << 20;

}  // namespace

ipc::Digest digest_of(const ipc::SettingValues& values, const ipc::Credentials& credentials) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof(ipc::Digest));
  const auto settings = ipc::write_snapshot(0, values);
  crypto_generichash_update(&state, settings.data(), settings.size());
  auto secrets = ipc::write_credentials(credentials);
  crypto_generichash_update(&state, secrets.data(), secrets.size());
  ::explicit_bzero(secrets.data(), secrets.size());
  ipc::Digest digest{};
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

bool DataplaneEnd::connect(const std::string& path) {
  auto socket = process::connect_seqpacket(path);
  if (!socket) return false;
  socket_ = std::move(*socket);
  pid_ = process::peer_facts(socket_).pid;
  return true;
}

void DataplaneEnd::close() {
  socket_.reset();
  hello_.reset();
}

void DataplaneEnd::receive(const DataplaneEvents& events) {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
  for (int i = 0; i < kMessagesPerTurn && socket_; ++i) {
    process::Packet packet;
    const auto status = process::receive_packet(socket_, buffer, packet);
    if (status == ReceiveStatus::nothing) return;
    ipc::MessageFault fault{};
    const auto message = status == ReceiveStatus::packet
                             ? ipc::open_message(Bytes(buffer).first(packet.size), fault)
                             : std::nullopt;
    if (message && take(*message, packet, events)) continue;
    const std::string_view why = status == ReceiveStatus::closed             ? "it closed the line"
                                 : fault == ipc::MessageFault::other_version ? "it is of another version"
                                                                             : "it sent something malformed";
    close();
    events.on_gone(why);
  }
}

bool DataplaneEnd::take(const ipc::MessageView& message, process::Packet& packet,
                        const DataplaneEvents& events) {
  const auto pass = [&](const auto& read, const auto& event) {
    if (read) event(*read);
    return read.has_value();
  };
  switch (message.kind) {
    case ipc::MessageKind::hello:
      return take_hello(message.body, packet, events);
    case ipc::MessageKind::report:
      return pass(ipc::read_report(message.body), events.on_report);
    case ipc::MessageKind::refuse:
      return pass(ipc::read_refuse(message.body), events.on_refuse);
    case ipc::MessageKind::log_line:
      return pass(ipc::read_log_line(message.body), events.on_log);
    case ipc::MessageKind::injected:
      return pass(ipc::read_injected(message.body), events.on_injected);
    case ipc::MessageKind::queue_answer:
      return pass(ipc::read_queue_answer(message.body), events.on_queue_answer);
    case ipc::MessageKind::report_mail:
      return take_report_mail(message.body, packet, events);
    default:
      return false;
  }
}

bool DataplaneEnd::take_report_mail(Bytes body, process::Packet& packet, const DataplaneEvents& events) {
  const auto mail = ipc::read_report_mail(body);
  if (!mail) return false;
  const auto message =
      process::map_received(packet.descriptors[0], 1, kMostReportMailBytes, process::Sharing::frozen);
  if (!message) return false;
  events.on_report_mail(*mail, message->bytes());
  return true;
}

bool DataplaneEnd::take_hello(Bytes body, process::Packet& packet, const DataplaneEvents& events) {
  const auto hello = ipc::read_hello(body);
  if (!hello || hello_) return false;
  auto page = process::map_received(packet.descriptors[0], 1, kMostPageBytes, process::Sharing::maker_writes);
  const auto rings_size = ipc::outcome_rings_size(hello->shards);
  auto rings =
      process::map_received(packet.descriptors[1], rings_size, rings_size, process::Sharing::both_write);
  if (!page || !rings) return false;
  page_ = std::move(*page);
  rings_ = std::move(*rings);
  hello_ = hello;
  // The kernel's word for the pid, not the peer's.
  hello_->pid = static_cast<std::uint32_t>(pid_);
  events.on_hello(*hello_);
  return true;
}

Result<void, Fault> DataplaneEnd::publish(const Publication& publication) {
  const auto settings = process::make_frozen("postern-settings",
                                             ipc::write_snapshot(publication.generation, publication.values));
  auto block = ipc::write_credentials(publication.credentials);
  const auto secrets = process::make_frozen("postern-credentials", block);
  ::explicit_bzero(block.data(), block.size());
  if (!settings) return tl::unexpected(settings.error());
  if (!secrets) return tl::unexpected(secrets.error());
  const std::array<int, 2> both{settings->get(), secrets->get()};
  if (!process::send_packet(socket_, ipc::write(ipc::Publish{publication.generation, publication.digest}),
                            both)) {
    return fault("the data plane does not take messages");
  }
  return {};
}

bool DataplaneEnd::send(const ipc::Tickets& tickets) {
  return socket_ && process::send_packet(socket_, ipc::write(tickets));
}

bool DataplaneEnd::give(const PolicyMemory& memory) {
  const std::array<int, 3> three{memory.table.get(), memory.lanes_memory.get(), memory.event.get()};
  const auto message = ipc::write(ipc::PolicyMemoryMessage{memory.number, memory.lanes});
  return socket_ && process::send_packet(socket_, message, three);
}

bool DataplaneEnd::send(ipc::Verb verb) {
  return socket_ && process::send_packet(socket_, ipc::write(ipc::Command{verb}));
}

bool DataplaneEnd::ask_queue(const ipc::QueueAsk& ask) {
  return socket_ && process::send_packet(socket_, ipc::write(ask));
}

bool DataplaneEnd::send(const ipc::ReportKept& kept) {
  return socket_ && process::send_packet(socket_, ipc::write(kept));
}

bool DataplaneEnd::inject(const ipc::Inject& inject, Bytes message) {
  const auto frozen = process::make_frozen("postern-mail", message);
  if (!socket_ || !frozen) return false;
  const std::array<int, 1> one{frozen->get()};
  return process::send_packet(socket_, ipc::write(inject), one);
}

std::vector<ipc::CounterRoom> DataplaneEnd::counters() const {
  return ipc::read_counters(page_.bytes());
}

void DataplaneEnd::drain(std::vector<ipc::Outcome>& outcomes, std::size_t most) {
  if (!rings_) return;
  const auto shards = static_cast<std::uint32_t>(rings_.bytes().size() / sizeof(ipc::OutcomeRing));
  ipc::Outcome outcome;
  for (std::uint32_t shard = 0; shard < shards; ++shard) {
    auto& ring = ipc::outcome_ring(rings_.bytes(), shard);
    while (outcomes.size() < most && ring.pop(outcome)) outcomes.push_back(outcome);
  }
}

}  // namespace postern::control
