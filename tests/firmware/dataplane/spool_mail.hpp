// Mail for tests of the spool writer, and what a session would do with it.
#pragma once

#include <random>
#include <string>

#include "tests/firmware/dataplane/spool_driver.hpp"

namespace postern::dataplane::test {

using spool::EventKind;
using spool::MessageId;

inline constexpr std::uint64_t kSegment = 1u << 20;

inline spool::Settings small_spool() {
  spool::Settings settings;
  settings.segment_bytes = kSegment;
  settings.chunk_memory = 8u << 20;
  return settings;
}

inline mail::Envelope an_envelope() {
  mail::Envelope envelope;
  envelope.sender = {"from", "sender.example"};
  envelope.recipients.push_back({{"anna", "office.example"}, 0, ""});
  return envelope;
}

inline std::string body_of(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::string body(size, 'x');
  for (auto& letter : body) letter = static_cast<char>('a' + random() % 26);
  return body;
}

inline MessageId give(SpoolDriver& driver, std::string_view body) {
  const auto id = driver.spool().begin(an_envelope(), now());
  if (!id) return 0;
  for (auto left = as_bytes(body); !left.empty();) {
    left = left.subspan(driver.spool().append(*id, left));
    if (!left.empty()) driver.turn();
  }
  driver.spool().finish(*id, now());
  return *id;
}

inline std::size_t count(SpoolDriver& driver, EventKind kind) {
  std::size_t found = 0;
  for (const auto& event : driver.spool().events()) found += event.kind == kind;
  return found;
}

inline std::string read_all(SpoolDriver& driver, MessageId id) {
  std::string all;
  const auto owed = driver.spool().owed(id);
  for (int waits = 0; owed && all.size() < owed->bytes && waits < 1000;) {
    const auto piece = driver.spool().body(id, all.size());
    all += as_text(piece);
    if (piece.empty()) driver.settle(), ++waits;
    if (count(driver, EventKind::body_failed) != 0) return "(failed)";
  }
  driver.spool().body(id, all.size());  // at its end: lets go of the memory of the last piece
  return all;
}

}  // namespace postern::dataplane::test
