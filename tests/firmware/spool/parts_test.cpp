// The spool's parts by themselves: sums, memory, ids, schedule, codec, scanner.
#include "firmware/spool/chunk_pool.hpp"
#include "firmware/spool/codec.hpp"
#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/id_table.hpp"
#include "firmware/spool/scanner.hpp"
#include "firmware/spool/schedule.hpp"
#include "tests/firmware/spool/box.hpp"

// Last: see spool_test.cpp.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::spool;
using namespace postern::spool::test;

TEST_GROUP(SpoolParts){};

// RFC 3720 Appendix B.4
TEST(SpoolParts, Crc32cGivesTheStandardsValues) {
  LONGS_EQUAL(0xe3069283, crc32c(0, as_bytes("123456789")));
  LONGS_EQUAL(0x8a9136aa, crc32c(0, std::vector<std::uint8_t>(32, 0)));
  LONGS_EQUAL(0x62a8ab43, crc32c(0, std::vector<std::uint8_t>(32, 0xff)));
}

TEST(SpoolParts, Crc32cByInstructionAndByTableAgree) {
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    const auto body = body_of(random() % 9000, random());
    const auto start = static_cast<std::uint32_t>(random());
    LONGS_EQUAL(crc32c_by_table(start, as_bytes(body)), crc32c(start, as_bytes(body)));
  }
}

TEST(SpoolParts, SumsOfPiecesCombineToTheSumOfAll) {
  Random random(6);
  for (int i = 0; i < 100; ++i) {
    const auto body = body_of(random() % 5000, random());
    const auto cut = body.empty() ? 0 : random() % body.size();
    const auto a = crc32c(0, as_bytes(body).first(cut));
    const auto b = crc32c(0, as_bytes(body).subspan(cut));
    LONGS_EQUAL(crc32c(0, as_bytes(body)), crc32c_combine(a, b, body.size() - cut));
  }
}

TEST(SpoolParts, PiecesOfMemoryNeverOverlapAndAllComeBack) {
  ChunkPool pool(66 * 1024, 20 * 66 * 1024);
  Random random(7);
  std::map<std::uint8_t*, ChunkIndex> taken;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const auto chunk = pool.take(random() % (66 * 1024) >> random() % 8);
      if (chunk != kNoChunk) CHECK_TRUE(taken.emplace(pool.data(chunk), chunk).second);
    } else if (!taken.empty()) {
      const auto at = std::next(taken.begin(), static_cast<std::ptrdiff_t>(random() % taken.size()));
      pool.give_back(at->second);
      taken.erase(at);
    }
    if (i % 500 != 0) continue;
    const std::uint8_t* end = nullptr;
    for (const auto& [data, chunk] : taken) {
      CHECK(data >= end);
      end = data + pool.capacity(chunk);
    }
  }
  for (const auto& [data, chunk] : taken) pool.give_back(chunk);
  LONGS_EQUAL(0, pool.used_bytes());
  for (int i = 0; i < 20; ++i) CHECK(pool.take(66 * 1024) != kNoChunk);
  CHECK(pool.take(1) == kNoChunk);
}

TEST(SpoolParts, TheIdTableFindsWhatIsInItAndNothingElse) {
  IdTable table(100);
  std::map<std::uint64_t, std::uint32_t> model;
  Random random(8);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto id = (random() % 400) << 24;
    if (random() % 2 == 0 && model.size() < 300) {
      if (model.emplace(id, i).second) table.insert(id, i);
    } else {
      if (model.erase(id) != 0) table.erase(id);
    }
    const auto other = (random() % 400) << 24;
    const auto known = model.find(other);
    LONGS_EQUAL(known == model.end() ? IdTable::kNone : known->second, table.find(other));
  }
}

TEST(SpoolParts, TheScheduleGivesTurnsInOrderAndSkipsVoidOnes) {
  Schedule schedule;
  Random random(9);
  for (std::uint32_t i = 0; i < 5000; ++i) schedule.add({Instant(Duration(random() % 100'000)), i, i % 2});
  const auto valid = [](const Turn& turn) { return turn.turn == 1; };
  Turn turn;
  Instant last{};
  int count = 0;
  for (; schedule.take(Instant(Duration(100'000)), valid, turn); ++count) {
    CHECK(turn.at >= last);
    last = turn.at;
  }
  LONGS_EQUAL(2500, count);
  CHECK(schedule.next(valid) == kNever);
}

TEST(SpoolParts, EnvelopesComeBackAsTheyWere) {
  auto envelope = envelope_to({"anna", "bert \"quoted\""});
  envelope.recipients[1].notify = mail::kNotifyFailure | mail::kNotifyDelay;
  envelope.recipients[1].original = "rfc822;bert@example";
  envelope.body = mail::Body::binary_mime;
  envelope.smtputf8 = true;
  envelope.ret = mail::Return::headers;
  envelope.envelope_id = "QQ314159";
  envelope.declared_size = 1u << 30;
  envelope.client.bytes = {1, 2, 3};
  envelope.esmtp = true;
  envelope.tls_cipher = "TLS_AES_128_GCM_SHA256";
  envelope.arrival = WallTime(std::chrono::seconds(1'700'000'000));
  std::vector<std::uint8_t> bytes(envelope_size(envelope));
  write_envelope(bytes.data(), envelope);
  mail::Envelope back;
  CHECK_TRUE(read_envelope(bytes, back));
  CHECK_TRUE(back.sender == envelope.sender);
  CHECK_TRUE(back.recipients[1].path == envelope.recipients[1].path);
  LONGS_EQUAL(envelope.recipients[1].notify, back.recipients[1].notify);
  STRCMP_EQUAL("rfc822;bert@example", back.recipients[1].original.c_str());
  CHECK_TRUE(back.body == envelope.body && back.ret == envelope.ret && back.smtputf8 && back.esmtp);
  STRCMP_EQUAL("QQ314159", back.envelope_id.c_str());
  LONGS_EQUAL(envelope.declared_size, back.declared_size);
  CHECK_TRUE(back.client == envelope.client && back.arrival == envelope.arrival);
  // The last byte came later: an envelope without it is one of before, and whole.
  for (std::size_t cut = 0; cut + 1 < bytes.size(); ++cut)
    CHECK_FALSE(read_envelope(Bytes(bytes).first(cut), back));
  CHECK_TRUE(read_envelope(Bytes(bytes).first(bytes.size() - 1), back));
}

TEST(SpoolParts, WordsAreShortenedWhereTheRecordWouldBeTooLong) {
  Progress progress;
  for (std::uint32_t i = 0; i < 50; ++i) {
    progress.verdicts.push_back({i, {Verdict::Kind::deferred, 450, "4.2.0", std::string(900, 'w'), "mx"}});
  }
  std::vector<std::uint8_t> room(4096);
  LONGS_EQUAL(0, write_progress(room, progress, false));
  const auto used = write_progress(room, progress, true);
  CHECK(used > 0);
  Progress back;
  CHECK_TRUE(read_progress(Bytes(room).first(used), back));
  LONGS_EQUAL(50, back.verdicts.size());
  LONGS_EQUAL(450, back.verdicts[49].second.code);
  CHECK(back.verdicts[49].second.text.size() < 100);
}

TEST(SpoolParts, RetryPausesScatterButStayInBounds) {
  bool differ = false;
  for (std::uint64_t id = 1; id < 100; ++id) {
    const auto pause = retry_pause(id, 3, 1min, 1h);
    CHECK(pause <= 4min && pause >= 210s);
    differ = differ || pause != retry_pause(1, 3, 1min, 1h);
    CHECK(retry_pause(id, 60, 1min, 1h) <= 1h);
  }
  CHECK_TRUE(differ);
}

namespace {
struct Collected final : RecordSink {
  std::string log;
  void record(SegmentNumber, std::uint64_t offset, const RecordHeader& header, Bytes payload) override {
    log += "R" + std::to_string(offset) + ":" + std::to_string(header.sequence) + ":" +
           std::to_string(payload.size()) + " ";
  }
  void broken(SegmentNumber, std::uint64_t offset, const RecordHeader&) override {
    log += "B" + std::to_string(offset) + " ";
  }
  void damage(SegmentNumber, std::uint64_t offset, std::uint64_t length, std::string_view) override {
    log += "D" + std::to_string(offset) + "+" + std::to_string(length) + " ";
  }
};
}  // namespace

TEST(SpoolParts, TheScannerFindsTheSameHoweverTheBytesArePutToIt) {
  Box box;
  box.disk.preallocate = box.settings.segment_bytes;
  for (std::uint64_t i = 0; i < 8; ++i) box.store(body_of(i * 150, i));
  auto file = box.disk.files()[1];
  Random random(10);
  for (int round = 0; round < 200; ++round) {
    file[random() % 6000] ^= 1;
    Scanner scanner;
    Collected whole;
    scanner.start(1, 0);
    scanner.feed(0, file, whole);
    scanner.end(whole);
    Collected pieces;
    scanner.start(1, 0);
    for (std::size_t at = 0; at < file.size();) {
      auto length = std::min<std::size_t>(1 + random() % 700, file.size() - at);
      const auto piece = Bytes(file).subspan(at, length);
      // Zeros may be left out.
      if (random() % 2 == 0 || std::any_of(piece.begin(), piece.end(), [](auto byte) { return byte != 0; })) {
        scanner.feed(at, piece, pieces);
      }
      at += length;
    }
    scanner.end(pieces);
    STRCMP_EQUAL(whole.log.c_str(), pieces.log.c_str());
  }
}
