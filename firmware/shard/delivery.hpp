// Takes due messages out of the queue, cuts them into parts by the way their recipients go, and settles them
// when all parts are back.
//
// Recipients of domains we serve go to the office, all others to the internet by domain, and a message a
// person rerouted goes there as a whole. The number of parts under way is bounded; what cannot have its turn
// goes back to the queue without an attempt being counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "firmware/shard/part.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/smtp/client.hpp"

namespace postern::shard {

class Outbound;

class Delivery {
 public:
  explicit Delivery(Shard::State& shard);

  // Assigns work; bounded per call.
  void pump();
  Instant next_deadline() const;
  // Settings changed.
  void reset();

  // From carriers: a part is over, in one of these ways.
  // One result per recipient. `session`: who said so; null: we ourselves.
  void done(Part part, const std::vector<smtp::RecipientResult>& results, const Outbound* session);
  // The same for everybody.
  void conclude(Part part, const smtp::RecipientResult& result, std::string_view host);
  // It did not get its turn: to be handed out again then.
  void postpone(Part part, Instant later);
  // It was cut off with its message, which is set aside.
  void lost() { --under_way_; }

  bool is_served(std::string_view domain) const;
  std::uint32_t under_way() const { return under_way_; }

 private:
  bool assign_damaged();
  bool assign_message();
  void split(const std::shared_ptr<Attempt>& attempt);
  void hand_on(Part part, const std::string& way);
  void tell(const Part& part, const smtp::RecipientResult& result, const Outbound* session,
            Outcome::Kind kind);
  void returned(const std::shared_ptr<Attempt>& attempt, std::vector<spool::Spool::Settled> delivered);
  void close(Attempt& attempt);

  Shard::State& shard_;
  std::unordered_set<std::string> served_;  // A-labels
  std::uint32_t under_way_ = 0;             // parts
};

}  // namespace postern::shard
