// A client session against a server session over memory.
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/firmware/tls/conversation.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

const Credential& ecdsa() {
  static const Credential made = authority().issue({}, Key::p256);
  return made;
}

}  // namespace

TEST_GROUP(Session) {
  Counters counters;
  Counters client_counters;
  std::unique_ptr<Core> core = make_core({ecdsa()}, counters);
  std::unique_ptr<Core> client_core = make_core({}, client_counters, {}, 1, 2);
  Conversation talk;

  void setup() override {
    talk.client = client_core->connect({});
    talk.server = core->accept();
  }
};

TEST(Session, completes_a_handshake_and_carries_text_both_ways) {
  CHECK_TRUE(talk.handshake());
  STRCMP_EQUAL("EHLO there\r\n", talk.carry(true, "EHLO there\r\n").c_str());
  STRCMP_EQUAL("250 hello\r\n", talk.carry(false, "250 hello\r\n").c_str());
  const auto facts = talk.server->facts();
  STRCMP_EQUAL("TLSv1.3", std::string(facts.version).c_str());
  STRCMP_EQUAL("TLS_AES_128_GCM_SHA256", std::string(facts.cipher).c_str());
  CHECK_FALSE(facts.resumed);
  CHECK_EQUAL(1, counters.server_handshakes_full);
  CHECK_EQUAL(1, counters.tls13_handshakes);
  CHECK_EQUAL(12, counters.plain_bytes_in);
  CHECK_EQUAL(client_counters.cipher_bytes_out, counters.cipher_bytes_in);
}

TEST(Session, works_when_every_byte_comes_alone) {
  talk.step = 1;
  CHECK_TRUE(talk.handshake());
  STRCMP_EQUAL("DATA\r\n", talk.carry(true, "DATA\r\n").c_str());
  CHECK_EQUAL(client_counters.cipher_bytes_out, counters.cipher_bytes_in);
}

TEST(Session, works_when_the_send_queues_are_tiny) {
  talk.to_client.room = 100;
  talk.to_server.room = 7;
  CHECK_TRUE(talk.handshake());
  const auto text = pattern_text(100000);
  CHECK_TRUE(talk.carry(true, text) == text);
  CHECK_TRUE(talk.carry(false, text) == text);
}

TEST(Session, carries_many_records_unharmed) {
  CHECK_TRUE(talk.handshake());
  const auto text = pattern_text(3 << 20);
  CHECK_TRUE(talk.carry(true, text) == text);
  CHECK_TRUE(talk.carry(false, text) == text);
  CHECK_EQUAL(text.size(), counters.plain_bytes_out);
}

TEST(Session, one_call_makes_at_most_two_handshake_records) {
  talk.client->handshake(*std::make_unique<Bytes>(), talk.to_server);
  std::size_t most = 0;
  for (int calls = 0; calls < 20; ++calls) {
    const auto before = talk.to_client.bytes.size();
    const auto status =
        talk.to_server.offer(~0u, [&](Bytes& in) { return talk.server->handshake(in, talk.to_client); });
    std::size_t records = 0;
    for (auto at = before; at < talk.to_client.bytes.size();
         at += 5 + load_be16(&talk.to_client.bytes[at + 3])) {
      ++records;
    }
    most = std::max(most, records);
    if (status != Status::again) break;
  }
  CHECK_EQUAL(2, most);
}

TEST(Session, says_so_when_the_peer_closes) {
  CHECK_TRUE(talk.handshake());
  talk.client->close(talk.to_server);
  std::array<std::uint8_t, 100> plain;
  std::size_t got = 0;
  const auto status =
      talk.to_server.offer(~0u, [&](Bytes& in) { return talk.server->read(in, talk.to_client, plain, got); });
  CHECK_TRUE(status == Status::closed);
  CHECK_EQUAL(1, counters.closed_by_peer);
}

TEST(Session, a_flipped_bit_in_a_record_ends_it) {
  CHECK_TRUE(talk.handshake());
  std::size_t taken = 0;
  Bytes none;
  talk.client->write(none, talk.to_server, as_bytes("MAIL FROM:<a@b>\r\n"), taken);
  talk.to_server.bytes.back() ^= 1;
  std::array<std::uint8_t, 100> plain;
  std::size_t got = 0;
  auto status = Status::again;
  while (status == Status::again || status == Status::ok) {
    status = talk.to_server.offer(
        ~0u, [&](Bytes& in) { return talk.server->read(in, talk.to_client, plain, got); });
  }
  CHECK_TRUE(status == Status::failed);
  STRCMP_EQUAL("a record did not decrypt", std::string(talk.server->facts().failure).c_str());
  CHECK_EQUAL(1, counters.failed_bad_record);
  CHECK_EQUAL(1, counters.alerts_sent);
}

TEST(Session, plain_text_instead_of_a_client_hello_is_refused_at_its_first_byte) {
  Bytes input = as_bytes("E");
  CHECK_TRUE(talk.server->handshake(input, talk.to_client) == Status::failed);
  STRCMP_EQUAL("the peer's first bytes are no TLS record", std::string(talk.server->facts().failure).c_str());
  CHECK_EQUAL(1, counters.failed_not_tls);
  CHECK_EQUAL(7, talk.to_client.bytes.size());
  CHECK_TRUE(talk.server->handshake(input, talk.to_client) == Status::failed);
}

TEST(Session, plain_text_in_the_middle_of_a_handshake_is_refused) {
  Bytes none;
  talk.client->handshake(none, talk.to_server);
  auto status = Status::again;
  while (status == Status::again) {
    status = talk.to_server.offer(~0u, [&](Bytes& in) { return talk.server->handshake(in, talk.to_client); });
  }
  CHECK_TRUE(status == Status::want_input);
  Bytes input = as_bytes("MAIL FROM:<evil@example.com>\r\nRCPT TO:<you@example.com>\r\n");
  status = Status::again;
  while (status == Status::again) status = talk.server->handshake(input, talk.to_client);
  CHECK_TRUE(status == Status::failed);
  CHECK_FALSE(talk.server->facts().failure.empty());
}

TEST(Session, plain_text_after_the_handshake_is_refused) {
  CHECK_TRUE(talk.handshake());
  Bytes input = as_bytes("QUIT\r\nQUIT\r\n");
  std::array<std::uint8_t, 100> plain;
  std::size_t got = 0;
  talk.to_server.bytes.clear();
  CHECK_TRUE(talk.server->read(input, talk.to_client, plain, got) == Status::failed);
  CHECK_EQUAL(0, got);
}

TEST(Session, a_client_that_meets_plain_text_fails) {
  Bytes none;
  talk.client->handshake(none, talk.to_server);
  Bytes input = as_bytes("454 4.7.0 TLS not available due to temporary reason\r\n");
  CHECK_TRUE(talk.client->handshake(input, talk.to_server) == Status::failed);
  CHECK_FALSE(talk.client->facts().failure.empty());
}

TEST(Session, an_oversized_client_hello_is_refused_before_it_is_complete) {
  std::vector<std::uint8_t> flood;
  for (int i = 0; i < 3; ++i) {
    const std::array<std::uint8_t, 9> start{22, 3, 1, 0x20, 0, 1, 0, 0xff, 0xff};
    flood.insert(flood.end(), start.begin(), start.end());
    flood.resize(flood.size() + 8192 - 4);
  }
  Bytes input = flood;
  CHECK_TRUE(talk.server->handshake(input, talk.to_client) == Status::failed);
  CHECK_EQUAL(1, counters.failed_client_hello);
}

TEST(Session, the_same_seeds_and_times_give_the_same_bytes) {
  std::vector<std::uint8_t> runs[2];
  for (auto& run : runs) {
    Counters scratch;
    auto server = make_core({ecdsa()}, scratch);
    auto client = make_core({}, scratch, {}, 1, 2);
    server->set_time(WallTime(std::chrono::hours(500000)));
    client->set_time(WallTime(std::chrono::hours(500000)));
    Conversation repeat;
    repeat.client = client->connect({});
    repeat.server = server->accept();
    Bytes none;
    repeat.client->handshake(none, repeat.to_server);
    run = repeat.to_server.bytes;
    CHECK_TRUE(repeat.handshake());
  }
  CHECK_TRUE(runs[0] == runs[1]);
}

// The library is built without locks: what it shares between threads must be nothing that changes.
TEST(Session, cores_on_threads_of_their_own_do_not_disturb_each_other) {
  std::array<int, 4> completed{};
  const auto serve = [&](std::uint8_t number) {
    Counters scratch;
    const auto server = make_core({ecdsa()}, scratch, {.trust_anchors_pem = authority().pem()}, 1, number);
    const auto client = make_core({}, scratch, {.trust_anchors_pem = authority().pem()}, 1,
                                  static_cast<std::uint8_t>(number + 100));
    server->enter_thread();
    const auto text = pattern_text(20000);
    for (int i = 0; i < 60; ++i) {
      Conversation both;
      both.client = client->connect({.kind = ServerDemand::Kind::web_pki, .server_name = "default.test"});
      both.server = server->accept();
      completed[number] += both.handshake() && both.carry(true, text) == text;
    }
    Arena::enter_thread(nullptr);
  };
  std::vector<std::thread> threads;
  for (std::uint8_t number = 0; number < completed.size(); ++number) threads.emplace_back(serve, number);
  for (auto& thread : threads) thread.join();
  for (const int count : completed) CHECK_EQUAL(60, count);
}
