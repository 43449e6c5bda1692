// A spool with its in-memory disk and a clock: what most spool tests stand on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/spool/spool.hpp"
#include "tests/firmware/spool/memory_disk.hpp"

namespace postern::spool::test {

inline mail::Envelope envelope_to(std::vector<std::string> locals) {
  mail::Envelope envelope;
  envelope.sender = {"from", "sender.example"};
  for (auto& local : locals) envelope.recipients.push_back({{std::move(local), "office.example"}, 0, ""});
  envelope.helo = "mx.sender.example";
  envelope.tls_version = "TLSv1.3";
  return envelope;
}

inline std::string body_of(std::size_t size, std::uint64_t seed = 1) {
  std::string body(size, 'x');
  Random random(seed);
  for (auto& letter : body) letter = static_cast<char>('a' + random() % 26);
  return body;
}

// Small sizes, so that few bytes reach every corner.
inline Settings small_settings() {
  Settings settings;
  settings.shard = 3;
  settings.segment_bytes = 16 * 1024;
  settings.chunk_bytes = 1024;
  settings.chunk_memory = 64 * 1024;
  settings.cached_message_bytes = 4096;
  settings.messages = 1000;
  settings.orders = 16;
  settings.salt = 0x1234567890abcdef;
  return settings;
}

struct Box {
  Settings settings = small_settings();
  Counters counters;
  MemoryDisk disk;
  Random random{1};
  Now now{Instant(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'800'000'000))};
  std::unique_ptr<Spool> spool = std::make_unique<Spool>(settings, counters);
  std::vector<Event> events;

  explicit Box(bool start = true) {
    if (start) spool->recovered(now);
  }

  void pass(Duration time) {
    now.instant += time;
    now.wall += time;
  }

  void take_events() {
    events.insert(events.end(), spool->events().begin(), spool->events().end());
    spool->clear_events();
  }

  // Hands orders over without answering them.
  void order() {
    DiskOrder order;
    while (spool->next_order(order)) disk.take(order);
    take_events();
  }

  // Until the disk has nothing more to do.
  void settle_disk() {
    for (order(); disk.pending() != 0; order()) {
      spool->answered(disk.answer(0), now);
      take_events();
    }
  }

  // The process ends at once and starts again; time goes on.
  void restart() {
    disk.crash(random);
    start_again();
  }
  void start_again() {
    counters = {};
    events.clear();
    spool = std::make_unique<Spool>(settings, counters);
    disk.recover(*spool, random, now);
  }

  bool saw(EventKind kind, MessageId id) const {
    for (const auto& event : events) {
      if (event.kind == kind && event.id == id) return true;
    }
    return false;
  }

  // Begins, fills and finishes a message; without waiting for the disk.
  MessageId give(const mail::Envelope& envelope, std::string_view body) {
    const auto id = spool->begin(envelope, now);
    if (!id) return 0;
    auto left = as_bytes(body);
    while (!left.empty()) {
      left = left.subspan(spool->append(*id, left));
      if (!left.empty()) settle_disk();
    }
    spool->finish(*id, now);
    return *id;
  }

  MessageId store(const mail::Envelope& envelope, std::string_view body) {
    const auto id = give(envelope, body);
    settle_disk();
    return id;
  }
  MessageId store(std::string_view body) { return store(envelope_to({"anna"}), body); }

  // The whole body, through the disk where need be; "(failed)" where it cannot be read.
  std::string read(MessageId id) {
    std::string all;
    for (int waits = 0; waits < 4;) {
      const auto piece = spool->body(id, all.size());
      all += as_text(piece);
      if (!piece.empty()) {
        waits = 0;
        continue;
      }
      const auto owed = spool->owed(id);
      if (!owed || all.size() == owed->bytes) return all;  // and body() has let go of the memory
      events.clear();
      settle_disk();
      if (saw(EventKind::body_failed, id)) return "(failed)";
      ++waits;
    }
    return "(never)";
  }

  void settle(MessageId id, std::uint32_t recipient, Verdict::Kind kind, std::string text = "") {
    const Spool::Settled one{recipient, {kind, 250, "2.0.0", std::move(text), "mx.office.example"}};
    spool->settle(id, {&one, 1}, now);
  }
  void deliver(MessageId id) { settle(id, 0, Verdict::Kind::delivered); }
};

}  // namespace postern::spool::test
