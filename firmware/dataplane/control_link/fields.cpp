// Which setting fills which field: see the header.
#include "firmware/dataplane/control_link/fields.hpp"

#include <array>
#include <variant>

namespace postern::dataplane {

namespace {

template <typename S>
struct Field {
  std::string_view name;
  std::variant<bool S::*, std::uint8_t S::*, std::uint16_t S::*, std::uint32_t S::*, std::uint64_t S::*,
               Duration S::*>
      member;
};

template <typename S>
using Fields = std::span<const Field<S>>;

constexpr Field<smtp::ServerSettings> kServer[] = {
    {"smtp.offer_starttls", &smtp::ServerSettings::offer_starttls},
    {"smtp.refuse_early_talkers", &smtp::ServerSettings::refuse_early_talkers},
    {"smtp.require_tls", &smtp::ServerSettings::require_tls},
    {"smtp.message_bytes", &smtp::ServerSettings::message_bytes},
    {"smtp.header_bytes", &smtp::ServerSettings::header_bytes},
    {"smtp.line_bytes", &smtp::ServerSettings::line_bytes},
    {"smtp.command_bytes", &smtp::ServerSettings::command_bytes},
    {"smtp.recipients", &smtp::ServerSettings::recipients},
    {"smtp.messages_per_session", &smtp::ServerSettings::messages_per_session},
    {"smtp.commands_per_session", &smtp::ServerSettings::commands_per_session},
    {"smtp.errors_per_session", &smtp::ServerSettings::errors_per_session},
    {"submission.any_sender", &smtp::ServerSettings::any_sender},
    {"submission.logins_per_session", &smtp::ServerSettings::logins_per_session},
    {"smtp.received_hops", &smtp::ServerSettings::received_hops},
    {"smtp.command_timeout", &smtp::ServerSettings::command_timeout},
    {"smtp.data_timeout", &smtp::ServerSettings::data_timeout},
    {"smtp.message_timeout", &smtp::ServerSettings::message_timeout},
};

constexpr Field<smtp::ClientSettings> kClient[] = {
    {"office.greeting_timeout", &smtp::ClientSettings::greeting_timeout},
    {"office.command_timeout", &smtp::ClientSettings::command_timeout},
    {"office.data_timeout", &smtp::ClientSettings::data_timeout},
    {"office.final_timeout", &smtp::ClientSettings::final_timeout},
};

constexpr Field<tcp::Settings> kTcp[] = {
    {"tcp.connections", &tcp::Settings::connections},
    {"tcp.send_buffer", &tcp::Settings::send_buffer},
    {"tcp.receive_buffer", &tcp::Settings::receive_buffer},
    {"tcp.buffer_memory", &tcp::Settings::buffer_memory},
    {"tcp.mtu", &tcp::Settings::mtu},
    {"tcp.connections_per_prefix", &tcp::Settings::connections_per_prefix},
    {"tcp.minimum_rto", &tcp::Settings::minimum_rto},
    {"tcp.connect_timeout", &tcp::Settings::connect_timeout},
    {"tcp.user_timeout", &tcp::Settings::user_timeout},
    {"tcp.keepalive_idle", &tcp::Settings::keepalive_idle},
    {"tcp.time_wait", &tcp::Settings::time_wait},
    {"tcp.half_open", &tcp::Settings::half_open},
    {"tcp.half_open_plain", &tcp::Settings::half_open_plain},
    {"tcp.syn_ack_retries", &tcp::Settings::syn_ack_retries},
    {"tcp.time_wait_records", &tcp::Settings::time_wait_records},
    {"tcp.replies", &tcp::Settings::replies},
    {"tcp.timers_per_advance", &tcp::Settings::timers_per_advance},
    {"tcp.out_of_order_ranges", &tcp::Settings::out_of_order_ranges},
    {"tcp.challenge_acks", &tcp::Settings::challenge_acks},
    {"tcp.initial_segments", &tcp::Settings::initial_segments},
    {"tcp.retransmissions", &tcp::Settings::retransmissions},
    {"tcp.keepalive_probes", &tcp::Settings::keepalive_probes},
    {"tcp.keepalive_interval", &tcp::Settings::keepalive_interval},
    {"tcp.initial_rto", &tcp::Settings::initial_rto},
    {"tcp.maximum_rto", &tcp::Settings::maximum_rto},
    {"tcp.delayed_ack", &tcp::Settings::delayed_ack},
    {"tcp.fin_wait_2", &tcp::Settings::fin_wait_2},
    {"tcp.first_window", &tcp::Settings::first_window},
    {"tcp.first_port", &tcp::Settings::first_port},
    {"tcp.last_port", &tcp::Settings::last_port},
    {"tcp.port_tries", &tcp::Settings::port_tries},
    {"tcp.half_open_per_prefix", &tcp::Settings::half_open_per_prefix},
    {"tcp.useless_data_acks", &tcp::Settings::useless_data_acks},
    {"tcp.fin_wait_longest", &tcp::Settings::fin_wait_longest},
    {"tcp.fin_wait_connections", &tcp::Settings::fin_wait_connections},
    {"tcp.zero_window", &tcp::Settings::zero_window},
    {"tcp.zero_window_connections", &tcp::Settings::zero_window_connections},
    {"tcp.user_timeout_announced", &tcp::Settings::user_timeout_announced},
    {"tcp.user_timeout_from_peer", &tcp::Settings::user_timeout_from_peer},
    {"tcp.user_timeout_least", &tcp::Settings::user_timeout_least},
    {"tcp.user_timeout_most", &tcp::Settings::user_timeout_most},
    {"tcp.pacing", &tcp::Settings::pacing},
    {"tcp.pacing_burst", &tcp::Settings::pacing_burst},
    {"tcp.ecn_accept", &tcp::Settings::ecn_accept},
    {"tcp.ecn_request", &tcp::Settings::ecn_request},
    {"tcp.undo", &tcp::Settings::undo},
    {"tcp.non_validated", &tcp::Settings::non_validated},
    {"tcp.mtu_probing", &tcp::Settings::mtu_probing},
    {"tcp.mtu_probe_interval", &tcp::Settings::mtu_probe_interval},
    {"tcp.mtu_probes", &tcp::Settings::mtu_probes},
    {"tcp.hystart", &tcp::Settings::hystart},
};

constexpr Field<net::Settings> kNet[] = {
    {"net.neighbours", &net::Settings::neighbours},
    {"net.frames_per_neighbour", &net::Settings::frames_per_neighbour},
    {"net.answers", &net::Settings::answers},
    {"net.icmp_per_second", &net::Settings::icmp_per_second},
    {"net.reassemblies", &net::Settings::reassemblies},
    {"net.reassembly_memory", &net::Settings::reassembly_memory},
    {"net.waiting_frames", &net::Settings::waiting_frames},
    {"net.duplicate_address_detection", &net::Settings::duplicate_address_detection},
    {"net.exception_path", &net::Settings::exception_path},
    {"net.address_probing", &net::Settings::address_probing},
    {"net.router_advertisements", &net::Settings::router_advertisements},
};

constexpr Field<tls::Settings> kTls[] = {
    {"tls.arena_bytes", &tls::Settings::arena_bytes},
    {"tls.ticket_lifetime", &tls::Settings::ticket_lifetime},
};

constexpr Field<spool::Settings> kSpool[] = {
    {"spool.segment_bytes", &spool::Settings::segment_bytes},
    {"spool.chunk_bytes", &spool::Settings::chunk_bytes},
    {"spool.chunk_memory", &spool::Settings::chunk_memory},
    {"spool.cached_message_bytes", &spool::Settings::cached_message_bytes},
    {"spool.orders", &spool::Settings::orders},
    {"spool.messages", &spool::Settings::messages},
    {"spool.retry_first", &spool::Settings::retry_first},
    {"spool.retry_most", &spool::Settings::retry_most},
    {"spool.queue_life", &spool::Settings::queue_life},
};

constexpr Field<shard::OfficeSettings> kOffice[] = {
    {"office.connections", &shard::OfficeSettings::connections},
    {"office.messages_per_connection", &shard::OfficeSettings::messages_per_connection},
    {"office.idle", &shard::OfficeSettings::idle},
    {"office.retry_first", &shard::OfficeSettings::retry_first},
    {"office.retry_most", &shard::OfficeSettings::retry_most},
};

constexpr Field<shard::OutboundSettings> kOutbound[] = {
    {"outbound.port", &shard::OutboundSettings::port},
    {"outbound.parts", &shard::OutboundSettings::parts},
    {"outbound.connections", &shard::OutboundSettings::connections},
    {"outbound.connections_per_destination", &shard::OutboundSettings::connections_per_destination},
    {"outbound.first_connections", &shard::OutboundSettings::first_connections},
    {"outbound.connections_per_host", &shard::OutboundSettings::connections_per_host},
    {"outbound.messages_per_connection", &shard::OutboundSettings::messages_per_connection},
    {"outbound.idle", &shard::OutboundSettings::idle},
    {"outbound.connect_timeout", &shard::OutboundSettings::connect_timeout},
    {"outbound.next_address", &shard::OutboundSettings::next_address},
    {"outbound.policy_timeout", &shard::OutboundSettings::policy_timeout},
    {"outbound.retry_first", &shard::OutboundSettings::retry_first},
    {"outbound.retry_most", &shard::OutboundSettings::retry_most},
    {"outbound.delay_notice", &shard::OutboundSettings::delay_notice},
};

constexpr Field<smtp::ClientSettings> kOutboundClient[] = {
    {"outbound.greeting_timeout", &smtp::ClientSettings::greeting_timeout},
    {"outbound.command_timeout", &smtp::ClientSettings::command_timeout},
    {"outbound.data_timeout", &smtp::ClientSettings::data_timeout},
    {"outbound.final_timeout", &smtp::ClientSettings::final_timeout},
};

constexpr Field<policy::Settings> kPolicy[] = {
    {"outbound.dane", &policy::Settings::dane},
    {"outbound.mta_sts", &policy::Settings::mta_sts},
    {"outbound.dane_insecure_mx", &policy::Settings::dane_insecure_mx},
    {"outbound.wait_for_first_sts_policy", &policy::Settings::wait_for_first_sts_policy},
    {"outbound.own_demand_stands", &policy::Settings::own_demand_stands},
};

constexpr Field<shard::SubmissionSettings> kSubmission[] = {
    {"submission.hide_client", &shard::SubmissionSettings::hide_client},
    {"submission.client_everywhere", &shard::SubmissionSettings::client_everywhere},
    {"submission.failures", &shard::SubmissionSettings::failures},
    {"submission.failures_time", &shard::SubmissionSettings::failures_time},
    {"submission.waiting", &shard::SubmissionSettings::waiting},
    {"submission.login_timeout", &shard::SubmissionSettings::login_timeout},
};

constexpr Field<shard::RecipientSettings> kRecipients[] = {
    {"recipients.cache_time", &shard::RecipientSettings::remember_known},
    {"recipients.cache_time_unknown", &shard::RecipientSettings::remember_unknown},
    {"recipients.remembered", &shard::RecipientSettings::remembered},
};

constexpr Field<shard::Settings> kShard[] = {
    {"smtp.stalled_writer", &shard::Settings::stalled_writer},
};

template <typename S>
void apply(const ipc::SettingsView& view, Fields<S> fields, S& to) {
  for (const auto& field : fields) {
    std::visit(
        [&](auto member) {
          auto& value = to.*member;
          using T = std::remove_reference_t<decltype(value)>;
          if constexpr (std::is_same_v<T, bool>) {
            value = view.boolean(field.name);
          } else if constexpr (std::is_same_v<T, Duration>) {
            value = view.duration(field.name);
          } else {
            value = static_cast<T>(view.number(field.name));  // the schema's range fits the field (tested)
          }
        },
        field.member);
  }
}

template <typename S, std::size_t N>
void apply(const ipc::SettingsView& view, const Field<S> (&fields)[N], S& to) {
  apply(view, Fields<S>(fields), to);
}

template <typename S, std::size_t N>
void add_names(const Field<S> (&fields)[N], std::vector<std::string_view>& names) {
  for (const auto& field : fields) names.push_back(field.name);
}

}  // namespace

void apply_fields(const ipc::SettingsView& view, shard::Settings& settings) {
  apply(view, kServer, settings.server);
  apply(view, kClient, settings.client);
  apply(view, kTcp, settings.tcp);
  apply(view, kNet, settings.net);
  apply(view, kTls, settings.tls);
  apply(view, kSpool, settings.spool);
  apply(view, kOffice, settings.office);
  apply(view, kRecipients, settings.recipients);
  apply(view, kOutbound, settings.outbound);
  apply(view, kOutboundClient, settings.outbound.client);
  apply(view, kPolicy, settings.outbound.policy);
  apply(view, kSubmission, settings.submission);
  apply(view, kShard, settings);
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  add_names(kServer, names);
  add_names(kClient, names);
  add_names(kTcp, names);
  add_names(kNet, names);
  add_names(kTls, names);
  add_names(kSpool, names);
  add_names(kOffice, names);
  add_names(kRecipients, names);
  add_names(kOutbound, names);
  add_names(kOutboundClient, names);
  add_names(kPolicy, names);
  add_names(kSubmission, names);
  add_names(kShard, names);
  return names;
}

}  // namespace postern::dataplane
