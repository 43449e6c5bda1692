// The engine's parts by themselves: sequence numbers, flow table, queues, ledger, round trips.
#include <set>
#include <vector>

#include "firmware/tcp/flow_table.hpp"
#include "firmware/tcp/ledger.hpp"
#include "firmware/tcp/prefix_budgets.hpp"
#include "firmware/tcp/receive_queue.hpp"
#include "firmware/tcp/round_trip.hpp"
#include "firmware/tcp/send_queue.hpp"
#include "tests/firmware/tcp/two_engines.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Dice;

TEST_GROUP(TcpParts) {
  ChunkPool pool{64 * 4096};
};

TEST(TcpParts, sequence_numbers_are_ordered_around_the_wrap) {
  const SeqNumber before{0xfffffff0};
  const SeqNumber after = before + 0x20;
  CHECK_TRUE(before < after);
  CHECK_TRUE(after > before);
  LONGS_EQUAL(0x20, after - before);
  LONGS_EQUAL(0x10, after.raw());
  CHECK_TRUE(later(before, after) == after);
}

TEST(TcpParts, the_flow_table_behaves_like_a_set) {
  FlowTable table{64};
  std::set<std::uint32_t> model;
  Dice dice{3};
  const auto hash = [](std::uint32_t slot) { return slot % 7 * 0x1000000 + 140 + slot % 3; };  // many collide
  for (int i = 0; i < 20'000; ++i) {
    const auto slot = static_cast<std::uint32_t>(dice.below(64));
    const RecordRef ref{RecordKind::connection, slot};
    const bool found = table.find(hash(slot), [&](RecordRef r) { return r == ref; }) == ref;
    CHECK_EQUAL(model.contains(slot), found);
    if (found) {
      table.erase(hash(slot), ref);
      model.erase(slot);
    } else {
      table.insert(hash(slot), ref);
      model.insert(slot);
    }
  }
}

TEST(TcpParts, prefix_budgets_count_exactly) {
  PrefixBudgets budgets{2, 16, {}};
  std::uint8_t bytes[4] = {10, 0, 0, 1};
  const auto peer = [&](std::uint8_t net, std::uint8_t host) {
    bytes[2] = net;
    bytes[3] = host;
    return wire::IpAddress::v4(bytes);
  };
  for (std::uint8_t net = 0; net < 8; ++net) {
    budgets.add(peer(net, 1));
    CHECK_FALSE(budgets.full(peer(net, 9)));
    budgets.add(peer(net, 2));
    CHECK_TRUE(budgets.full(peer(net, 9)));
  }
  for (std::uint8_t net = 0; net < 8; net += 2) budgets.remove(peer(net, 7));
  for (std::uint8_t net = 0; net < 8; ++net) CHECK_EQUAL(net % 2 == 1, budgets.full(peer(net, 9)));
}

TEST(TcpParts, the_send_queue_is_a_stream) {
  SendQueue queue;
  std::vector<std::uint8_t> model;
  Dice dice{5};
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> piece(dice.below(6000));
    for (auto& byte : piece) byte = static_cast<std::uint8_t>(dice.next());
    const std::size_t done = queue.append(pool, piece);
    model.insert(model.end(), piece.begin(), piece.begin() + static_cast<long>(done));
    LONGS_EQUAL(model.size(), queue.size());
    for (int look = 0; look < 3 && !model.empty(); ++look) {
      const std::size_t from = dice.below(model.size());
      std::vector<std::uint8_t> out(1 + dice.below(std::min<std::size_t>(model.size() - from, 9000)));
      queue.copy(pool, static_cast<std::uint32_t>(from), out);
      MEMCMP_EQUAL(model.data() + from, out.data(), out.size());
    }
    const std::size_t gone = dice.below(std::min<std::size_t>(model.size() + 1, 7000));
    queue.pop(pool, static_cast<std::uint32_t>(gone));
    model.erase(model.begin(), model.begin() + static_cast<long>(gone));
  }
  queue.clear(pool);
  LONGS_EQUAL(0, pool.taken());
}

TEST(TcpParts, the_receive_queue_puts_pieces_in_order) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Dice dice{seed};
    ReceiveQueue queue;
    const SeqNumber first{0xffff8000};
    SeqNumber next = first;
    std::uint32_t read = 0;
    constexpr std::uint32_t kTotal = 60'000;
    const auto byte = [](std::uint32_t at) { return static_cast<std::uint8_t>(at * 31 + at / 256); };
    while (read < kTotal) {
      const std::uint32_t have = next.since(first);
      const auto start = std::min<std::uint32_t>(
          have + static_cast<std::uint32_t>(dice.below(3) * dice.below(9000)), kTotal);
      std::vector<std::uint8_t> piece(std::min<std::size_t>(1 + dice.below(1500), kTotal - start));
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = byte(start + static_cast<std::uint32_t>(i));
      if (!piece.empty() && start == have && queue.append(pool, piece)) {
        next = queue.join(pool, next + static_cast<std::uint32_t>(piece.size()));
      } else if (start > have && !piece.empty()) {
        queue.keep(pool, next, first + start, piece, 32);
      }
      if (!dice.per_mille(300)) continue;
      const Bytes front = queue.front(pool);
      for (std::size_t i = 0; i < front.size(); ++i)
        BYTES_EQUAL(byte(read + static_cast<std::uint32_t>(i)), front[i]);
      const auto count = static_cast<std::uint32_t>(dice.below(front.size() + 1));
      queue.consume(pool, count);
      read += count;
    }
    LONGS_EQUAL(0, pool.taken());
  }
}

TEST(TcpParts, ranges_out_of_order_join) {
  ReceiveQueue queue;
  const std::vector<std::uint8_t> ten(10, 1);
  const SeqNumber next{0};
  for (const std::uint32_t at : {20u, 40u, 60u}) CHECK_TRUE(queue.keep(pool, next, SeqNumber{at}, ten, 3));
  CHECK_FALSE(queue.keep(pool, next, SeqNumber{90}, ten, 3));
  CHECK_TRUE(queue.keep(pool, next, SeqNumber{30}, ten, 3));
  LONGS_EQUAL(2, queue.range_count());
  LONGS_EQUAL(20, queue.ranges(pool)[0].start.raw());
  LONGS_EQUAL(50, queue.ranges(pool)[0].end.raw());
  queue.clear(pool);
}

// The ledger against a model that knows every byte.
TEST(TcpParts, the_ledger_agrees_with_a_plain_model) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Dice dice{seed};
    Ledger ledger;
    const SeqNumber first{0xfffff000};
    std::vector<std::uint8_t> model;  // per byte: flags; acknowledged bytes stay
    std::uint32_t una = 0;
    for (int i = 0; i < 300; ++i) {
      const auto now = static_cast<std::uint64_t>(1 + i);
      const auto out = static_cast<std::uint32_t>(model.size());
      Delivery delivery;
      delivery.now = now;
      switch (dice.below(6)) {
        case 0:
        case 1:
          if (ledger.can_send(pool)) {
            const auto count = static_cast<std::uint32_t>(1 + dice.below(50));
            CHECK_TRUE(ledger.sent(pool, first + out, first + out + count, now));
            model.insert(model.end(), count, 0);
          }
          break;
        case 2: {
          const auto ack = una + static_cast<std::uint32_t>(dice.below(out - una + 1));
          std::uint32_t fresh = 0;
          for (std::uint32_t at = una; at < ack; ++at) fresh += (model[at] & Span::kSacked) == 0 ? 1u : 0u;
          ledger.acknowledge(pool, first + ack, delivery);
          LONGS_EQUAL(ack - una, delivery.acked);
          LONGS_EQUAL(fresh, delivery.delivered);
          una = ack;
          break;
        }
        case 3: {
          if (out == una) break;
          const auto start = una + static_cast<std::uint32_t>(dice.below(out - una));
          const auto end = start + 1 + static_cast<std::uint32_t>(dice.below(out - start));
          std::uint32_t fresh = 0;
          for (std::uint32_t at = start; at < end; ++at) {
            fresh += (model[at] & Span::kSacked) == 0 ? 1u : 0u;
            model[at] = Span::kSacked;
          }
          ledger.take_sack(pool, first + start, first + end, delivery);
          LONGS_EQUAL(fresh, delivery.delivered);
          break;
        }
        case 4: {
          const std::uint32_t index = ledger.first_lost(pool);
          if (index == Ledger::kMost) break;
          const Span span = ledger.spans(pool)[index];
          const auto count = static_cast<std::uint32_t>(1 + dice.below(span.size()));
          ledger.resent(pool, index, count, now);
          for (std::uint32_t k = 0; k < count; ++k) model[span.start.since(first) + k] = Span::kRetransmitted;
          break;
        }
        default:
          if (!dice.per_mille(200)) break;
          ledger.lose_all(pool);
          for (std::uint32_t at = una; at < out; ++at) {
            if ((model[at] & Span::kSacked) == 0)
              model[at] = static_cast<std::uint8_t>(model[at] | Span::kLost);
          }
      }
      std::uint32_t sacked = 0;
      std::uint32_t lost = 0;
      for (std::uint32_t at = una; at < model.size(); ++at) {
        sacked += (model[at] & Span::kSacked) != 0 ? 1u : 0u;
        lost += (model[at] & Span::kLost) != 0 ? 1u : 0u;
      }
      LONGS_EQUAL(sacked, ledger.sacked());
      LONGS_EQUAL(lost, ledger.lost());
      SeqNumber at = first + una;
      for (const Span& span : ledger.spans(pool)) {
        CHECK_TRUE(span.start == at && span.size() > 0);
        at = span.end;
      }
      CHECK_TRUE(at == first + static_cast<std::uint32_t>(model.size()) || ledger.empty());
    }
    ledger.clear(pool);
    LONGS_EQUAL(0, pool.taken());
  }
}

TEST(TcpParts, the_ledger_stays_within_its_chunk) {
  Ledger ledger;
  SeqNumber next{0};
  Delivery delivery;
  for (std::uint64_t now = 1; now < 2000; ++now) {
    if (ledger.can_send(pool) && ledger.sent(pool, next, next + 100, now)) next += 100;
    const std::uint32_t at = static_cast<std::uint32_t>(now) * 100 % std::max(next.raw(), 1u);
    ledger.take_sack(pool, SeqNumber{at}, SeqNumber{at + 1}, delivery);
  }
  CHECK_TRUE(ledger.spans(pool).size() <= Ledger::kMost);
  LONGS_EQUAL(1, pool.taken());
  ledger.clear(pool);
}

TEST(TcpParts, a_ledger_without_memory_says_when_it_cannot_take_more) {
  ChunkPool none{0};
  Ledger ledger;
  Delivery delivery;
  CHECK_TRUE(ledger.sent(none, SeqNumber{0}, SeqNumber{100}, 1));
  CHECK_TRUE(ledger.sent(none, SeqNumber{100}, SeqNumber{200}, 2));
  CHECK_TRUE(ledger.can_send(none));
  ledger.take_sack(none, SeqNumber{100}, SeqNumber{200}, delivery);
  CHECK_FALSE(ledger.can_send(none));
  CHECK_FALSE(ledger.sent(none, SeqNumber{200}, SeqNumber{300}, 3));
}

TEST(TcpParts, a_ledger_without_memory_repairs_piece_by_piece) {
  ChunkPool none{0};
  Ledger ledger;
  for (std::uint32_t i = 0; i < 100; ++i)
    CHECK_TRUE(ledger.sent(none, SeqNumber{i * 100}, SeqNumber{i * 100 + 100}, i + 1));
  LONGS_EQUAL(Ledger::kInline - 1, ledger.spans(none).size());
  ledger.lose_all(none);
  LONGS_EQUAL(10'000, ledger.lost());
  for (std::uint64_t round = 1; ledger.lost() > 0; ++round) {
    const std::uint32_t before = ledger.lost();
    ledger.resent(none, ledger.first_lost(none), std::min(before, 1000u), 1000 + round);
    LONGS_EQUAL(before - 1000, ledger.lost());
  }
}

TEST(TcpParts, round_trips_settle_and_the_timeout_has_its_bounds) {  // RFC 6298 §2
  Settings settings;
  RoundTrip trip;
  CHECK_TRUE(trip.base(settings) == settings.initial_rto);
  trip.sample(100'000);
  CHECK_TRUE(trip.base(settings) == 300ms);
  for (int i = 0; i < 100; ++i) trip.sample(100'000);
  CHECK_TRUE(trip.base(settings) == settings.minimum_rto);
  trip.backoff = 20;
  CHECK_TRUE(trip.timeout(settings) == settings.maximum_rto);
}

}  // namespace postern::tcp
