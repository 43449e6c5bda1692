// What happens when a core's memory runs out: refusals and failures with names, never a crash.
#include <string>
#include <vector>

#include "tests/firmware/tls/conversation.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

constexpr std::size_t kSmall = 2u << 20;

const Credential& ecdsa() {
  static const Credential made = authority().issue({}, Key::p256);
  return made;
}

}  // namespace

TEST_GROUP(TlsArena) {
  Counters counters;
  Counters client_counters;
  std::unique_ptr<Core> core = make_core({ecdsa()}, counters, {.arena_bytes = kSmall});
  std::unique_ptr<Core> client_core = make_core({}, client_counters, {}, 1, 2);

  void setup() override {
    core->enter_thread();
  }
  void teardown() override {
    Arena::enter_thread(nullptr);
  }
};

TEST(TlsArena, a_nearly_full_core_opens_no_more_sessions_and_serves_those_it_has) {
  if (kSanitizedHeap) return;
  std::vector<std::unique_ptr<Conversation>> open;
  for (int i = 0; i < 1000; ++i) {
    auto talk = std::make_unique<Conversation>();
    talk->server = core->accept();
    if (!talk->server) break;
    talk->client = client_core->connect({});
    CHECK_TRUE(talk->handshake());
    open.push_back(std::move(talk));
  }
  CHECK_TRUE(open.size() > 20 && open.size() < 1000);
  CHECK_EQUAL(1, counters.refused_arena_full);
  for (auto& talk : open) STRCMP_EQUAL("NOOP\r\n", talk->carry(true, "NOOP\r\n").c_str());
  open.resize(open.size() - 10);
  CHECK_TRUE(core->accept() != nullptr);
}

TEST(TlsArena, running_out_at_any_point_of_a_handshake_only_ends_that_session) {
  if (kSanitizedHeap) return;
  const auto idle = core->arena_used();
  int failed = 0;
  int completed = 0;
  for (std::size_t left = 512; left < 96 * 1024; left += 512) {
    Conversation talk;
    Arena::enter_thread(nullptr);
    talk.client = client_core->connect({});
    core->enter_thread();
    talk.server = core->accept();
    // Take everything but `left` bytes, in one piece.
    auto& arena = *Arena::current();
    std::vector<void*> hog;
    for (std::size_t size = arena.capacity(); size >= 512; size /= 2) {
      while (arena.capacity() - arena.used() > left + size) {
        void* piece = arena.allocate(size);
        if (!piece) break;
        hog.push_back(piece);
      }
    }
    for (int round = 0; round < 50; ++round) {
      Arena::enter_thread(nullptr);
      if (!talk.over(talk.client_status)) {
        talk.client_status =
            talk.to_client.offer(~0u, [&](Bytes& in) { return talk.client->handshake(in, talk.to_server); });
      }
      core->enter_thread();
      if (!talk.over(talk.server_status)) {
        talk.server_status =
            talk.to_server.offer(~0u, [&](Bytes& in) { return talk.server->handshake(in, talk.to_client); });
      }
    }
    failed += talk.server_status == Status::failed;
    completed += talk.server_status == Status::ok;
    talk.server.reset();
    Arena::enter_thread(nullptr);
    talk.client.reset();
    core->enter_thread();
    for (auto* piece : hog) arena.deallocate(piece);
    CHECK_EQUAL(idle, core->arena_used());
  }
  CHECK_TRUE(failed > 10);
  CHECK_TRUE(completed > 10);
  CHECK_TRUE(counters.failed_arena_full > 5);
}
