// A random history of one spool against a simple model: what was promised must be there, what is over must
// stay away.
#pragma once

#include <map>
#include <string>

#include "tests/firmware/spool/box.hpp"

namespace postern::spool::test {

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    box_.random.seed(seed * 7919);
    box_.settings.chunk_memory = 16 * 1024 + (random_() % 8) * 16 * 1024;
    box_.settings.cached_message_bytes = random_() % 3 * 2048;
    box_.settings.segment_bytes = 12 * 1024 + random_() % 4 * 8 * 1024;
    box_.settings.orders = 8 + static_cast<std::uint32_t>(random_() % 16);
    box_.disk.preallocate = random_() % 2 == 0 ? 0 : box_.settings.segment_bytes;
    box_.start_again();
    if (random_() % 3 == 0) faults_ = true;
    box_.disk.fault = [this](const DiskOrder& order) { return fault(order); };
  }

  // Some steps, a crash somewhere among them, and a look at everything. Empty: all is well.
  std::string run(int rounds) {
    for (int round = 0; round < rounds && trouble_.empty(); ++round) {
      const auto steps = 1 + random_() % 120;
      for (std::uint64_t i = 0; i < steps && trouble_.empty(); ++i) step();
      crash();
      check();
    }
    finish_all();
    return trouble_;
  }

  const Counters& total() const { return total_; }

 private:
  enum class Promise { none, stored, settled, gone };
  struct Known {
    Promise promise = Promise::none;
    std::string body;
    std::size_t given = 0;    // of the body
    std::vector<bool> owed;   // per recipient
    bool maybe_owed = false;  // a verdict may not be durable: more may be owed again
    bool ever_stored = false;
  };

  DiskAnswer::Status fault(const DiskOrder& order) {
    if (!faults_ || order.kind != DiskOrder::Kind::write || random_() % 12 != 0)
      return DiskAnswer::Status::ok;
    return random_() % 2 == 0 ? DiskAnswer::Status::no_space : DiskAnswer::Status::failed;
  }

  void step() {
    switch (random_() % 12) {
      case 0:
      case 1:
        return begin();
      case 2:
      case 3:
        return append();
      case 4:
      case 5:
        return answer_some();
      case 6:
      case 7:
        return deliver();
      case 8:
        box_.pass(std::chrono::seconds(random_() % 200));
        return;
      case 9:
        if (random_() % 8 == 0) abandon();
        return;
      case 10:
        return read_one();
      default:
        if (random_() % 6 == 0) quiesce();
        if (random_() % 10 == 0) box_.spool->hurry(box_.now);
        box_.order();
        take_events();
    }
  }

  void begin() {
    std::vector<std::string> recipients(1 + (random_() % 4 == 0 ? random_() % 5 : 0), "anna");
    const auto id = box_.spool->begin(envelope_to(recipients), box_.now);
    if (!id) return;
    // Of a message that never reached the disk nobody was told, so its id may come again after a crash.
    auto& known = known_[*id];
    if (known.ever_stored) complain(*id, "was given out twice");
    known = {};
    const auto size = random_() % 5 == 0 ? random_() % 9000 : random_() % 700;
    known.body = body_of(size, *id);
    known.owed.assign(recipients.size(), true);
    taking_.push_back(*id);
  }

  void append() {
    if (taking_.empty()) return;
    const auto at = random_() % taking_.size();
    const auto id = taking_[at];
    auto& known = known_[id];
    const auto left = as_bytes(known.body).subspan(known.given);
    const auto piece = left.first(std::min<std::size_t>(left.size(), random_() % 3000));
    known.given += box_.spool->append(id, piece);
    take_events();
    if (known.given < known.body.size()) return;
    box_.spool->finish(id, box_.now);
    taking_.erase(taking_.begin() + static_cast<std::ptrdiff_t>(at));
    take_events();
  }

  void abandon() {
    if (taking_.empty()) return;
    const auto id = taking_.back();
    taking_.pop_back();
    box_.spool->abandon(id);
    known_[id].promise = Promise::gone;
  }

  void answer_some() {
    box_.order();
    for (auto count = random_() % 4; count > 0 && box_.disk.pending() > 0; --count) {
      box_.spool->answered(box_.disk.answer(random_() % box_.disk.pending()), box_.now);
      take_events();
    }
  }

  void take_events() {
    box_.take_events();
    for (const auto& event : box_.events) {
      auto& known = known_[event.id];
      if (event.kind == EventKind::stored) {
        known.promise = Promise::stored;
        known.ever_stored = true;
      }
      if (event.kind == EventKind::not_stored)
        known.promise = Promise::settled;  // must be gone once all is durable
      if (event.kind == EventKind::body_failed) complain(event.id, "body failed");
    }
    box_.events.clear();
  }

  void deliver() {
    Owed owed;
    if (!box_.spool->due(box_.now, owed)) return;
    auto& known = known_[owed.id];
    if (known.promise != Promise::stored) return complain(owed.id, "is due and was never stored");
    for (const auto recipient : owed.recipients) {
      if (!known.owed[recipient]) complain(owed.id, "owes what was settled");
    }
    if (random_() % 4 == 0) return box_.spool->release(owed.id, box_.now, "lost the connection");
    if (random_() % 10 == 0) return;  // stays under way until the crash
    std::vector<Spool::Settled> settled;
    for (const auto recipient : owed.recipients) {
      const auto kind = static_cast<Verdict::Kind>(random_() % 3);
      settled.push_back({recipient, {kind, 451, "4.3.0", "some words", "mx.office.example"}});
      known.owed[recipient] = kind == Verdict::Kind::deferred;
    }
    known.maybe_owed = true;
    box_.spool->settle(owed.id, settled, box_.now);
    if (std::find(known.owed.begin(), known.owed.end(), true) == known.owed.end())
      known.promise = Promise::settled;
  }

  void read_one() {
    if (known_.empty()) return;
    auto at = known_.lower_bound(known_.rbegin()->first - random_() % (1u << 12));
    if (at == known_.end() || at->second.promise != Promise::stored) return;
    read_piece(at->first);
  }
  void read_piece(MessageId id) {
    const auto& body = known_[id].body;
    if (body.empty()) return;
    const auto at = random_() % body.size();
    const auto piece = as_text(box_.spool->body(id, at));
    if (piece != std::string_view(body).substr(at, piece.size())) complain(id, "has another body");
    take_events();
  }

  // All orders are carried out: what was settled is durable now.
  void quiesce() {
    box_.spool->disk_space(1u << 30, 0);
    for (box_.order();; box_.order()) {
      take_events();
      if (box_.disk.pending() == 0) break;
      box_.spool->answered(box_.disk.answer(random_() % box_.disk.pending()), box_.now);
      take_events();
      box_.spool->disk_space(1u << 30, 0);
    }
    for (auto& [id, known] : known_) {
      if (known.promise == Promise::settled) known.promise = Promise::gone;
      known.maybe_owed = false;
    }
  }

  void crash() {
    if (random_() % 3 == 0) quiesce();
    add_counters();
    taking_.clear();
    if (random_() % 4 == 0) box_.now.wall -= std::chrono::seconds(random_() % 100000);
    box_.restart();
  }

  void check() {
    for (const auto& damage : box_.spool->damage()) {
      if (damage.id != 0)
        complain(damage.id, "is reported damaged, promise " +
                                std::to_string(static_cast<int>(known_[damage.id].promise)));
    }
    std::size_t there = 0;
    for (auto& [id, known] : known_) {
      const bool found = box_.spool->owed(id).has_value();
      there += found;
      if (!found && known.promise == Promise::stored) complain(id, "was stored and is lost");
      if (found && known.promise == Promise::gone) complain(id, "is back");
      if (found && known.given < known.body.size()) complain(id, "was never finished and is there");
      known.promise = found ? Promise::stored : Promise::gone;
      if (found) {
        known.ever_stored = true;
        check_owed(id, known);
      }
      if (found && random_() % 3 == 0) check_body(id);
    }
    if (there != box_.spool->size()) trouble_ += "the queue has messages nobody gave it\n";
  }

  // What is owed after the crash: nothing that was settled durably.
  void check_owed(MessageId id, Known& known) {
    std::vector<bool> owed(known.owed.size(), false);
    const auto now = box_.spool->owed(id);
    for (const auto recipient : now->recipients) {
      if (!known.owed[recipient] && !known.maybe_owed) complain(id, "owes what was settled durably");
      owed[recipient] = true;
    }
    for (std::size_t i = 0; i < owed.size(); ++i) {
      if (known.owed[i] && !owed[i]) complain(id, "does not owe what was never settled");
    }
    known.owed = owed;
    known.maybe_owed = false;
  }

  void check_body(MessageId id) {
    for (int tries = 0; tries < 3; ++tries) {
      const auto body = box_.read(id);
      take_events();
      if (body == known_[id].body) return;
      if (body != "(never)") return complain(id, "has another body after the crash");
    }
    complain(id, "cannot be read");
  }

  // Everything is delivered: what is left is one segment, and no memory.
  void finish_all() {
    if (!trouble_.empty()) return;
    faults_ = false;
    box_.settings.retry_most = std::chrono::seconds(1);
    for (int round = 0; round < 3; ++round) {
      box_.spool->hurry(box_.now);
      Owed owed;
      quiesce();
      while (box_.spool->due(box_.now, owed)) {
        for (const auto recipient : owed.recipients)
          box_.settle(owed.id, recipient, Verdict::Kind::delivered);
      }
      for (const auto& [id, known] : known_) box_.spool->discard(id, box_.now);
      quiesce();
      box_.spool->disk_space(1u << 30, 0);
      quiesce();
    }
    add_counters();
    if (box_.spool->size() != 0) trouble_ += "the queue is not empty\n";
    if (box_.spool->chunk_memory_used() != 0) trouble_ += "chunk memory is not given back\n";
    if (box_.disk.files().size() > 1)
      trouble_ += std::to_string(box_.disk.files().size()) + " segments are left\n";
    box_.restart();
    if (box_.spool->size() != 0) trouble_ += "messages are back at the end\n";
  }

  void add_counters() {
    auto* to = reinterpret_cast<Counter*>(&total_);
    for (const auto value : counter_values(box_.counters)) *to++ += value;
  }

  void complain(MessageId id, const std::string& what) { trouble_ += text(id) + " " + what + "\n"; }

  Random random_;
  Box box_;
  bool faults_ = false;
  std::map<MessageId, Known> known_;
  std::vector<MessageId> taking_;
  std::string trouble_;
  Counters total_;
};

}  // namespace postern::spool::test
