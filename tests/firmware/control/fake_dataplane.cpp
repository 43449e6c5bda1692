// A stand-in for postern-dataplane, for the tests of control: it has the line and no packet path.
//
//   fake-dataplane --board B --socket PATH
//
// FAKE_DIE=MS         dies of a signal after that many milliseconds
// FAKE_REFUSE=1       refuses every generation after the first
// FAKE_DEAF=1         does not end when told to
// FAKE_FULL=1         has no room for mail of the box's own
// FAKE_RATE=N         pretends N messages a second
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "firmware/dataplane/control_link/control_link.hpp"
#include "firmware/dataplane/control_link/settings_map.hpp"
#include "firmware/dataplane/counters.hpp"
#include "firmware/shard/counters.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace {

using namespace postern;
using namespace postern::dataplane;

std::atomic<bool> stop{false};

long number_from(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

struct Rooms {
  tcp::Counters& tcp;
  tls::Counters& tls;
  smtp::Counters& smtp;
  spool::Counters& spool;
  shard::Counters& shard;
  dataplane::Counters& core;
};

Rooms place(ipc::CounterPage& page, std::uint32_t shard) {
  return {page.place<tcp::Counters>("tcp", shard),     page.place<tls::Counters>("tls", shard),
          page.place<smtp::Counters>("smtp", shard),   page.place<spool::Counters>("spool", shard),
          page.place<shard::Counters>("shard", shard), page.place<dataplane::Counters>("dataplane", shard)};
}

ipc::Outcome some_outcome(std::mt19937& random, std::uint64_t number) {
  ipc::Outcome outcome{};
  outcome.wall_ns = static_cast<std::uint64_t>(clock::kernel_wall().time_since_epoch().count());
  outcome.spool_id = 0x0100655f00000000 + number;
  outcome.bytes = 1000 + random() % 200000;
  outcome.duration_ns = random() % 90'000'000;
  outcome.recipients = 1 + (random() % 10 == 0 ? 2 : 0);
  const auto dice = random() % 20;
  outcome.kind = dice == 0   ? ipc::OutcomeKind::deferred
                 : dice == 1 ? ipc::OutcomeKind::refused
                 : dice == 2 ? ipc::OutcomeKind::bounced
                 : dice < 11 ? ipc::OutcomeKind::accepted
                             : ipc::OutcomeKind::delivered;
  outcome.code = dice == 0 ? 451 : dice < 3 ? 550 : 250;
  if (dice == 1) outcome.spool_id = 0;
  std::strcpy(outcome.tls_version, dice % 3 == 0 ? "" : "TLSv1.3");
  std::strcpy(outcome.tls_cipher, dice % 3 == 0 ? "" : "TLS_AES_128_GCM_SHA256");
  std::snprintf(outcome.sender, sizeof outcome.sender, "sender%u@internet.example",
                static_cast<unsigned>(random() % 50));
  std::snprintf(outcome.recipient, sizeof outcome.recipient, "anna%u@office.example",
                static_cast<unsigned>(random() % 9));
  std::strcpy(outcome.reply, dice == 0   ? "451 4.3.0 greylisted, try again in five minutes"
                             : dice == 1 ? "550 5.1.1 no such user here"
                             : dice == 2 ? "550 5.7.1 refused by policy"
                                         : "250 2.0.0 queued as 4711");
  outcome.peer[10] = outcome.peer[11] = 0xff;
  outcome.peer[12] = 192;
  outcome.peer[14] = 2;
  outcome.peer[15] = static_cast<std::uint8_t>(random());
  return outcome;
}

// Counts as if mail went through, so that what people see can be looked at.
void pretend(Rooms& rooms, std::uint64_t messages, std::mt19937& random) {
  rooms.shard.messages_accepted += messages;
  rooms.shard.bytes_accepted += messages * 20000;
  rooms.shard.messages_delivered += messages;
  rooms.shard.sessions_in += messages;
  rooms.shard.sessions_in_open = 20 + random() % 20;
  rooms.smtp.refused_unknown_recipient += random() % 3;
  rooms.smtp.refused_relay += random() % 2;
  rooms.tls.server_handshakes_full += messages / 2;
  rooms.tls.server_handshakes_resumed += messages / 4;
  rooms.tcp.segments_in += messages * 40;
  rooms.tcp.segments_out += messages * 30;
  rooms.core.queue_messages = random() % 40;
  rooms.core.busy_ns += 20'000'000 + random() % 9'000'000;
  rooms.core.slept_ns += 60'000'000;
}

}  // namespace

int main(int argc, char** argv) {
  std::string socket;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--socket") socket = argv[i + 1];
  }
  constexpr std::uint32_t kShards = 2;
  const long die = number_from("FAKE_DIE");
  const long rate = number_from("FAKE_RATE");
  const bool refuse = number_from("FAKE_REFUSE") != 0;
  const bool deaf = number_from("FAKE_DEAF") != 0;
  std::signal(SIGTERM, [](int) { stop = true; });
  auto link = ControlLink::create({socket, kShards, "fake"});
  if (!link) {
    log::write(log::Level::error, "fake", link.error().reason);
    return 1;
  }
  Rooms rooms[kShards] = {place((*link)->counters(), 0), place((*link)->counters(), 1)};
  FirstSet first;
  if (!(*link)->wait_for_first_set(first, stop)) return 0;
  const auto begun = clock::kernel_instant();
  (*link)->set_phase(ipc::Phase::running);
  std::uint64_t generation = first.generation.number;
  ControlLinkEvents events;
  events.on_generation = [&](Generation&& next) {
    const bool right =
        map_settings(next.settings, next.credentials, std::vector<std::string>{"wan"}).has_value();
    if (refuse || !right) return (*link)->refuse(next.number, "this fake refuses");
    generation = next.number;
  };
  events.on_command = [&](ipc::Verb verb) {
    if (verb == ipc::Verb::shut_down && !deaf) stop = true;
    if (verb == ipc::Verb::hurry) (*link)->log(ipc::Level::notice, "hurrying");
  };
  events.on_inject = [&](const ipc::Inject& inject, process::Mapping message) {
    const auto size = std::as_const(message).bytes().size();
    (*link)->log(ipc::Level::notice, "a mail of " + std::to_string(size) + " bytes for " + inject.to);
    (*link)->injected({inject.ticket, number_from("FAKE_FULL") == 0, true, "the queue has no room"});
  };
  std::mt19937 random(1);
  std::uint64_t number = 0;
  while (!stop) {
    for (std::uint32_t shard = 0; shard < kShards; ++shard) (*link)->shard_runs(shard, generation);
    (*link)->poll(rate == 0 ? 20ms : 100ms, events);
    if (die != 0 && clock::kernel_instant() - begun > std::chrono::milliseconds(die)) std::raise(SIGSEGV);
    const auto messages = static_cast<std::uint64_t>(rate) / 10;
    if (rate != 0) {
      for (auto& one : rooms) pretend(one, messages, random);
      for (std::uint64_t i = 0; i < messages; ++i, ++number) {
        if (!(*link)->outcomes(number % kShards).push(some_outcome(random, number))) (*link)->outcome_lost();
      }
    }
  }
  return 0;
}
