#include "tests/firmware/smtp/client_driver.hpp"

#include <algorithm>

namespace postern::test {

ClientDriver::ClientDriver(const smtp::ClientSettings& given)
    : settings(given), client(settings, counters, now) {}

void ClientDriver::give(std::string_view bytes) {
  input_ += bytes;
  run();
}

void ClientDriver::take_output() {
  const std::string text(as_text(client.output()));
  client.output_sent(text.size());
  out += text;
  partial_ += text;
  for (std::size_t end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    std::string line = partial_.substr(0, end);
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    } else {
      line += " (bare LF)";
    }
    log.push_back("C: " + line);
    partial_.erase(0, end + 1);
  }
}

void ClientDriver::note(std::string_view step) {
  log.push_back("event: " + std::string(step));
}

void ClientDriver::run() {
  using K = smtp::ClientStepKind;
  while (true) {
    std::string piece = input_;
    Bytes view = as_bytes(piece);
    const K step = client.feed(view, now);
    input_.erase(0, input_.size() - view.size());
    take_output();
    switch (step) {
      case K::need_input:
        return;
      case K::need_body:
        send_body();
        if (body_ended_) continue;
        break;
      case K::ready:
        note("ready");
        break;
      case K::start_tls:
        note("start_tls");
        break;
      case K::message_done:
        results.push_back(client.results());
        note("message_done");
        break;
      case K::close:
        if (!closed) note("close");
        closed = true;
        return;
    }
  }
}

void ClientDriver::send_body() {
  const std::size_t size = std::min(body_piece, body.size() - body_at_);
  if (size != 0) {
    body_at_ += client.body(as_bytes(body).subspan(body_at_, size), now);
  }
  if (body_at_ == body.size() && !body_ended_) {
    body_ended_ = true;
    client.body_end(now);
  }
  take_output();
}

void ClientDriver::deliver(const mail::Envelope& envelope, std::vector<std::uint32_t> wanted,
                           std::uint64_t size) {
  body_at_ = 0;
  body_ended_ = false;
  client.deliver(envelope, std::move(wanted), size, now);
  run();
}

void ClientDriver::probe(const mail::Path& recipient) {
  client.probe(recipient, now);
  run();
}

void ClientDriver::quit() {
  client.quit(now);
  run();
}

void ClientDriver::tls() {
  client.tls_established();
  run();
}

void ClientDriver::wait(Duration duration) {
  now.instant += duration;
  if (now.instant >= client.deadline()) client.time_out();
  run();
}

void ClientDriver::lose(std::string_view reason) {
  client.connection_lost(reason);
  run();
}

}  // namespace postern::test
