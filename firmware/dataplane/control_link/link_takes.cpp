// What the data plane makes of each message of control's: sizes, kinds and seals are checked here.
#include <array>
#include <string>

#include "firmware/dataplane/control_link/link_state.hpp"
#include "firmware/ipc/publish.hpp"

namespace postern::dataplane {

namespace {

using process::ReceiveStatus;

constexpr int kMessagesPerPoll = 64;
constexpr std::size_t kMostMailBytes = 64u << 20;

}  // namespace

void ControlLink::State::take_publish(Bytes body, Packet& packet) {
  const auto publish = ipc::read_publish(body);
  if (!publish) return drop("it sent a malformed publication");
  const auto refuse = [&](std::string_view why) {
    send(ipc::write(ipc::Refuse{publish->generation, std::string(why)}));
  };
  const auto settings =
      process::map_received(packet.descriptors[0], 1, ipc::kMostSnapshotBytes, process::Sharing::frozen);
  const auto secrets =
      process::map_received(packet.descriptors[1], 1, ipc::kMostCredentialsBytes, process::Sharing::frozen);
  if (!settings) return refuse(settings.error().reason);
  if (!secrets) return refuse(secrets.error().reason);
  auto view = ipc::SettingsView::read(settings->bytes());
  if (!view) return refuse(view.error().reason);
  if (view->generation() != publish->generation)
    return refuse("the settings carry another generation's number");
  auto credentials = ipc::read_credentials(secrets->bytes());
  if (!credentials) return refuse(credentials.error().reason);
  if (pending) pending->credentials.wipe();
  pending = Generation{publish->generation, std::move(*view), std::move(*credentials)};
  taken = publish->generation;
  digest = publish->digest;
}

void ControlLink::State::take_tickets(Bytes body, const ControlLinkEvents& events) {
  const auto fresh = ipc::read_tickets(body);
  if (!fresh) return drop("it sent malformed ticket keys");
  tickets = ipc::merge(*fresh, tickets);
  tickets_wall_ns = clock_ns(CLOCK_REALTIME);
  if (events.on_tickets) events.on_tickets(tickets);
}

// Memory that cannot be used leaves what there was: cores go on with it.
void ControlLink::State::take_policy_memory(Bytes body, Packet& packet) {
  const auto message = ipc::read_policy_memory(body);
  if (!message) return drop("it sent a malformed message about the resolver");
  auto memory = PolicyMemory::take(*message, packet, options.shards);
  if (memory) {
    pending_memory = std::move(*memory);
  } else {
    log::write(log::Level::error, "control", memory.error().reason);
  }
}

void ControlLink::State::take_inject(Bytes body, Packet& packet, const ControlLinkEvents& events) {
  const auto inject = ipc::read_inject(body);
  if (!inject) return drop("it sent malformed words about a mail");
  const auto answer = [&](bool again, std::string_view why) {
    send(ipc::write(ipc::Injected{inject->ticket, false, again, std::string(why)}));
  };
  if (!events.on_inject) return answer(true, "the data plane is not running");
  auto message = process::map_received(packet.descriptors[0], 1, kMostMailBytes, process::Sharing::frozen);
  if (!message) return answer(false, message.error().reason);
  events.on_inject(*inject, std::move(*message));
}

void ControlLink::State::take_queue_ask(Bytes body, const ControlLinkEvents& events) {
  auto ask = ipc::read_queue_ask(body);
  if (!ask) return drop("it sent malformed words about the queue");
  if (events.on_queue_ask) return events.on_queue_ask(std::move(*ask));
  send(ipc::write(ipc::QueueAnswer{.ticket = ask->ticket, .trouble = "the data plane is not running"}));
}

void ControlLink::State::take(const ipc::MessageView& message, Packet& packet,
                              const ControlLinkEvents& events) {
  switch (message.kind) {
    case ipc::MessageKind::publish:
      return take_publish(message.body, packet);
    case ipc::MessageKind::tickets:
      return take_tickets(message.body, events);
    case ipc::MessageKind::policy_memory:
      return take_policy_memory(message.body, packet);
    case ipc::MessageKind::inject:
      return take_inject(message.body, packet, events);
    case ipc::MessageKind::queue_ask:
      return take_queue_ask(message.body, events);
    case ipc::MessageKind::report_kept: {
      const auto kept = ipc::read_report_kept(message.body);
      if (!kept) return drop("it sent malformed words about a report");
      if (events.on_report_kept) events.on_report_kept(*kept);
      return;
    }
    case ipc::MessageKind::command:
      if (const auto command = ipc::read_command(message.body); command && events.on_command) {
        events.on_command(command->verb);
      }
      return;
    default:
      return drop("it sent a message that only we may send");
  }
}

void ControlLink::State::receive(const ControlLinkEvents& events) {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
  for (int i = 0; i < kMessagesPerPoll && socket; ++i) {
    Packet packet;
    const auto status = process::receive_packet(socket, buffer, packet);
    if (status == ReceiveStatus::nothing) return;
    if (status == ReceiveStatus::closed) return drop("it closed the connection");
    ipc::MessageFault fault{};
    const auto message = status == ReceiveStatus::packet
                             ? ipc::open_message(Bytes(buffer).first(packet.size), fault)
                             : std::nullopt;
    if (!message) {
      return drop(fault == ipc::MessageFault::other_version ? "it is of another version"
                                                            : "it sent nonsense");
    }
    take(*message, packet, events);
    ::explicit_bzero(buffer.data(), packet.size);  // ticket keys pass through here
  }
}

}  // namespace postern::dataplane
