#include "tests/firmware/shard/mail_servers.hpp"

#include <algorithm>

namespace postern::test {

Bytes Policies::lookup(std::string_view domain) {
  const auto found = table_.find(domain);
  return found == table_.end() ? Bytes() : Bytes(found->second);
}

void Policies::publish(policy::Facts facts) {
  table_[facts.domain] = policy::encode(facts);
}

bool Policies::ask(shard::PolicyTicket ticket, std::string_view domain) {
  if (full) return false;
  ++asked;
  if (dead) return true;
  const auto found = known_.find(domain);
  if (found != known_.end()) publish(found->second);
  answers_.push_back(ticket);
  return true;
}

bool Policies::ready(shard::PolicyTicket& ticket) {
  if (answers_.empty()) return false;
  ticket = answers_.front();
  answers_.erase(answers_.begin());
  return true;
}

MailServers::MailServers(Host& host) : host_(host), scratch_(16 * 1024) {
  host.tcp.listen(25);
}

bool MailServers::on_event(const tcp::Event& event, Now now) {
  if (event.kind == tcp::EventKind::opened) open(event.id, now);
  const auto found = sessions_.find(event.id.slot);
  if (found == sessions_.end()) return false;
  if (over(event.kind)) {
    sessions_.erase(found);
    return true;
  }
  if (event.kind == tcp::EventKind::peer_closed) found->second.closing = true;
  go_on(now);
  return true;
}

void MailServers::open(tcp::ConnectionId id, Now now) {
  const auto found = servers_.find(host_.tcp.flow(id).local.address);
  if (found == servers_.end()) {
    host_.tcp.abort(id, now.instant);
    return;
  }
  auto& server = found->second;
  ++server.sessions;
  server.settings.offer_starttls = server.tls != nullptr;
  Session session{.server = &server};
  session.channel = std::make_unique<shard::Channel>(host_.tcp, id, MutableBytes(scratch_));
  smtp::Peer peer;
  peer.may_relay = server.requiretls;
  session.smtp = std::make_unique<smtp::Server>(server.settings, counters_, peer, now);
  if (!server.refuse.empty()) {
    host_.tcp.write(id, as_bytes(server.refuse + " go away\r\n"), now.instant);
    session.closing = true;
  }
  sessions_[id.slot] = std::move(session);
}

void MailServers::go_on(Now now) {
  std::vector<std::uint32_t> slots;
  for (const auto& [slot, session] : sessions_) slots.push_back(slot);
  for (const auto slot : slots) {
    auto& session = sessions_[slot];
    const auto id = session.channel->id();
    if (session.server->silent) continue;
    for (int i = 0; i < 100000 && host_.tcp.alive(id) && step(id, session, now); ++i) {
    }
    if (host_.tcp.alive(id) && session.closing) session.channel->close(now.instant);
    if (!host_.tcp.alive(id)) sessions_.erase(slot);
  }
}

// One step; false where something is missing.
bool MailServers::step(tcp::ConnectionId id, Session& session, Now now) {
  auto& channel = *session.channel;
  if (session.closing) {
    const auto rest = host_.tcp.readable(id).size();
    host_.tcp.consume(id, rest, now.instant);
    return rest > 0;
  }
  if (channel.handshaking()) {
    const auto status = channel.handshake(now.instant);
    if (status == tls::Status::ok) session.smtp->tls_established({.version = "TLSv1.3", .cipher = "x"});
    if (status == tls::Status::failed) session.closing = true;
    if (status == tls::Status::ok && session.server->alert) {
      // A record that cannot be read ends the session as a fatal alert does.
      const std::string record("\x15\x03\x03\x00\x02\x02\x74", 7);
      host_.tcp.write(id, as_bytes(record), now.instant);
      session.closing = true;
      return false;
    }
    return status == tls::Status::ok || status == tls::Status::again;
  }
  session.smtp->replies_sent(channel.write(session.smtp->replies(), now.instant));
  if (session.wants_tls) {
    if (session.server->break_tls && host_.tcp.readable(id).empty()) return false;
    session.wants_tls = false;
    if (session.server->break_tls) {
      host_.tcp.write(id, as_bytes(std::string_view("this is no TLS record at all\r\n")), now.instant);
      session.closing = true;
    } else {
      channel.start_tls(session.server->tls->accept());
    }
    return true;
  }
  const Bytes input = channel.input(now.instant);
  Bytes rest = input;
  const auto next = session.smtp->feed(rest, now);
  const std::size_t taken = input.size() - rest.size();
  act(session, next, now);
  if (!host_.tcp.alive(id)) return false;
  channel.consumed(taken, now.instant);
  session.smtp->replies_sent(channel.write(session.smtp->replies(), now.instant));
  return taken > 0 || next.kind != smtp::StepKind::need_input;
}

void MailServers::act(Session& session, const smtp::Step& step, Now now) {
  auto& server = *session.server;
  switch (step.kind) {
    case smtp::StepKind::start_tls:
      session.wants_tls = true;
      break;
    case smtp::StepKind::check_recipient: {
      const auto who = session.smtp->recipient().text();
      const bool refused =
          std::find(server.unknown.begin(), server.unknown.end(), who) != server.unknown.end();
      session.smtp->recipient_checked(refused ? smtp::RecipientAnswer::unknown
                                              : smtp::RecipientAnswer::known);
      break;
    }
    case smtp::StepKind::begin_message:
      session.body.clear();
      session.smtp->message_begun(smtp::StoreAnswer::stored);
      break;
    case smtp::StepKind::body:
      session.body += as_text(step.body);
      if (server.hangs_up_after_mail > 0) {
        --server.hangs_up_after_mail;
        session.channel->abort(now.instant);
      }
      break;
    case smtp::StepKind::end_message:
      if (server.verdict == smtp::StoreAnswer::stored) {
        server.mails.push_back({session.smtp->envelope(), session.body});
      }
      session.smtp->message_stored(server.verdict, "far-1");
      break;
    case smtp::StepKind::close:
      session.closing = true;
      break;
    default:
      break;
  }
}

std::size_t MailServers::mails() const {
  std::size_t count = 0;
  for (const auto& [address, server] : servers_) count += server.mails.size();
  return count;
}

}  // namespace postern::test
