// Our Client hands messages to our Server: they arrive bit for bit, however the bytes are cut on the way.
#include <random>

#include "firmware/smtp/client.hpp"
#include "tests/firmware/smtp/server_driver.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

smtp::ServerSettings settings() {
  smtp::ServerSettings settings;
  settings.host_name = "mx.example";
  settings.served_domains = {"example.org"};
  settings.messages_per_session = 100000;
  settings.commands_per_session = 1000000;
  return settings;
}

// Random text with proper line ends, many of them before dots.
std::string random_message(std::mt19937& random) {
  static constexpr const char* kParts[] = {
      ".",
      "..",
      "\r\n",
      "\r\n.",
      "\r\n..\r\n",
      "\r\n\r\n",
      "text",
      "\xff\x80",
      "MAIL FROM:<x@y.example>\r\n",
      ".\r\n",
      "a quite long line that goes on and on until it is longer than a block of sixty-four bytes\r\n"};
  std::string text;
  const std::size_t parts = random() % 3 == 0 ? random() % 3000 : random() % 40;
  for (std::size_t i = 0; i < parts; ++i) {
    text += kParts[random() % std::size(kParts)];
    if (text.size() - std::min(text.size(), text.rfind('\n') + 1) > 500) text += "\r\n";
  }
  return text + "\r\n";
}

class Pair {
 public:
  Pair(std::uint32_t seed, bool chunking)
      : random(seed),
        server(settings()),
        chunking_(chunking),
        client(client_settings(), client_counters, server.now) {}

  static const smtp::ClientSettings& client_settings() {
    static const smtp::ClientSettings kSettings = [] {
      smtp::ClientSettings made;
      made.host_name = "gate.example";
      made.use_starttls = false;
      return made;
    }();
    return kSettings;
  }

  // Moves some bytes both ways, in random pieces.
  void exchange() {
    std::size_t count = client.output().size();
    if (count > 1 && random() % 2 == 0) count = 1 + random() % count;
    const std::string to_server(as_text(client.output().first(count)));
    client.output_sent(count);
    if (!to_server.empty()) server.give(to_server);
    // Replies come from the driver's log.
    if (server.log.empty()) server.take_replies();
    for (; taken < server.log.size(); ++taken) {
      if (server.log[taken].starts_with("S: ")) to_client += filtered(server.log[taken].substr(3)) + "\r\n";
    }
  }

  // Without CHUNKING the client falls back to DATA.
  std::string filtered(const std::string& reply) const {
    return !chunking_ && reply == "250-CHUNKING" ? "250-X-NONE" : reply;
  }

  void run_until(smtp::ClientStepKind wanted) {
    for (int i = 0; i < 1000000; ++i) {
      std::size_t count = to_client.size();
      if (count > 1 && random() % 2 == 0) count = 1 + random() % count;
      const std::string piece = to_client.substr(0, count);
      Bytes view = as_bytes(piece);
      const smtp::ClientStepKind step = client.feed(view, server.now);
      to_client.erase(0, piece.size() - view.size());
      if (step == wanted) return;
      if (step == smtp::ClientStepKind::close) FAIL(std::string(client.failure()).c_str());
      if (step == smtp::ClientStepKind::need_body) send_body();
      exchange();
    }
    FAIL("never came to an end");
  }

  void send_body() {
    const std::size_t piece = std::min<std::size_t>(body.size() - body_at, 1 + random() % 5000);
    if (piece != 0) body_at += client.body(as_bytes(body).subspan(body_at, piece), server.now);
    if (body_at == body.size()) client.body_end(server.now);
  }

  void send(const mail::Envelope& envelope, std::string text) {
    body = std::move(text);
    body_at = 0;
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < envelope.recipients.size(); ++i) wanted.push_back(i);
    client.deliver(envelope, wanted, body.size(), server.now);
    run_until(smtp::ClientStepKind::message_done);
  }

  std::mt19937 random;
  ServerDriver server;
  smtp::Counters client_counters;
  bool chunking_;
  smtp::Client client;
  std::string to_client;
  std::size_t taken = 0;
  std::string body;
  std::size_t body_at = 0;
};

mail::Envelope envelope() {
  mail::Envelope envelope;
  envelope.sender = {"a", "sender.example"};
  envelope.recipients.push_back({{"user", "example.org"}, mail::kNotifyDelay, "rfc822;list+40example.org"});
  envelope.recipients.push_back({{"other", "example.org"}, 0, {}});
  envelope.body = mail::Body::eight_bit_mime;
  return envelope;
}

void check_messages(bool chunking, std::uint32_t seed) {
  Pair pair(seed, chunking);
  pair.run_until(smtp::ClientStepKind::ready);
  const mail::Envelope sent = envelope();
  for (int i = 0; i < 150; ++i) {
    const std::string text = random_message(pair.random);
    pair.send(sent, text);
    LONGS_EQUAL(2, pair.client.results().size());
    LONGS_EQUAL(250, pair.client.results()[0].code);
    LONGS_EQUAL(250, pair.client.results()[1].code);
    LONGS_EQUAL(i + 1, pair.server.stored.size());
    const auto& got = pair.server.stored.back();
    if (got.body != text) FAIL("the message came out different");
    CHECK(got.envelope.sender == sent.sender);
    CHECK(got.envelope.recipients[0].path == sent.recipients[0].path);
    STRCMP_EQUAL("rfc822;list+40example.org", got.envelope.recipients[0].original.c_str());
    LONGS_EQUAL(mail::kNotifyDelay, got.envelope.recipients[0].notify);
    pair.run_until(smtp::ClientStepKind::ready);
  }
}

}  // namespace

TEST_GROUP(back_to_back){};

TEST(back_to_back, messages_arrive_bit_for_bit_by_data) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) check_messages(false, seed);
}

TEST(back_to_back, messages_arrive_bit_for_bit_by_bdat) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) check_messages(true, seed);
}

}  // namespace postern::test
