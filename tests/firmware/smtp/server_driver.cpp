#include "tests/firmware/smtp/server_driver.hpp"

namespace postern::test {
namespace {

template <typename T>
T next_answer(std::deque<T>& answers, T otherwise) {
  if (answers.empty()) return otherwise;
  T answer = answers.front();
  answers.pop_front();
  return answer;
}

}  // namespace

smtp::Peer ServerDriver::stranger(bool implicit_tls) {
  const std::uint8_t address[4] = {192, 0, 2, 1};
  return {.address = wire::IpAddress::v4(address), .port = 40000, .implicit_tls = implicit_tls};
}

ServerDriver::ServerDriver(const smtp::ServerSettings& given, bool implicit_tls)
    : ServerDriver(given, stranger(implicit_tls)) {}

ServerDriver::ServerDriver(const smtp::ServerSettings& given, const smtp::Peer& peer)
    : settings(given), server(settings, counters, peer, now) {}

void ServerDriver::give(std::string_view bytes) {
  input_ += bytes;
  run();
}

void ServerDriver::take_replies() {
  std::string text(as_text(server.replies()));
  server.replies_sent(text.size());
  for (std::size_t end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n")) {
    log.push_back("S: " + text.substr(0, end));
    text.erase(0, end + 2);
  }
  if (!text.empty()) log.push_back("S without CRLF: " + text);
}

void ServerDriver::run() {
  while (true) {
    // The input is copied, as in life it lies in a buffer that is gone after the call.
    std::string piece = input_;
    Bytes view = as_bytes(piece);
    const smtp::Step step = server.feed(view, now);
    input_.erase(0, input_.size() - view.size());
    if (step.kind == smtp::StepKind::body) {
      body += as_text(step.body);
      continue;
    }
    const bool was_closed = closed;
    take_replies();
    if (step.kind == smtp::StepKind::need_input) return;
    react(step);
    if (was_closed || closed || step.kind == smtp::StepKind::start_tls) return;
    if (!answering && step.kind != smtp::StepKind::abandon_message) return;
  }
}

void ServerDriver::react(const smtp::Step& step) {
  using K = smtp::StepKind;
  switch (step.kind) {
    case K::start_tls:
      log.push_back("event: start_tls");
      return;
    case K::check_login:
      log.push_back("event: check_login " + server.login().user + " " + server.login().password);
      if (answering) server.login_checked(next_answer(login_answers, smtp::LoginAnswer::right));
      return;
    case K::check_recipient: {
      log.push_back("event: check_recipient " + server.recipient().text());
      if (!answering) return;
      const auto words = next_answer(recipient_answers, {smtp::RecipientAnswer::known, {}});
      server.recipient_checked(words.answer, words.reason);
      return;
    }
    case K::begin_message: {
      log.push_back("event: begin_message");
      if (!answering) return;
      const auto answer = next_answer(begin_answers, smtp::StoreAnswer::stored);
      if (answer == smtp::StoreAnswer::stored) ++open;
      body_start_ = body.size();
      server.message_begun(answer);
      return;
    }
    case K::end_message: {
      log.push_back("event: end_message");
      --open;
      if (!answering) return;
      const auto answer = next_answer(store_answers, smtp::StoreAnswer::stored);
      if (answer == smtp::StoreAnswer::stored)
        stored.push_back({server.envelope(), body.substr(body_start_)});
      server.message_stored(answer, "5f00c0de");
      return;
    }
    case K::abandon_message:
      log.push_back("event: abandon_message");
      --open;
      return;
    case K::close:
      if (!closed) log.push_back("event: close");
      closed = true;
      return;
    case K::need_input:
    case K::body:
      return;
  }
}

void ServerDriver::tls(std::string_view version, std::string_view cipher) {
  server.tls_established({version, cipher, {}});
  run();
}

void ServerDriver::wait(Duration duration) {
  now.instant += duration;
  now.wall += duration;
  if (now.instant >= server.deadline()) server.time_out();
  run();
}

void ServerDriver::shut_down() {
  server.shut_down();
  run();
}

}  // namespace postern::test
