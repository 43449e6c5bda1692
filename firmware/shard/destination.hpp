// One domain on the internet, for messages of one wish: what waits for it, its plan, its sessions, its
// health.
//
// Messages that say REQUIRETLS or TLS-Required: No are destinations of their own, so that a session is never
// used by a message that asks for more than the session was opened with. The number of sessions grows with
// every message that goes through and is halved by every failure. When no server is left to try, everything
// that waits is put off, or given back where it can never work, and the destination rests for a growing
// while.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/shard/carrier.hpp"
#include "firmware/shard/plan.hpp"
#include "firmware/shard/policy_source.hpp"
#include "firmware/shard/shard.hpp"

namespace postern::shard {

class Destination final : public Carrier {
 public:
  struct Place {
    std::string domain;  // A-labels; empty: `fixed` is the only server
    policy::MessageWishes wishes;
    std::shared_ptr<const Target> fixed;
  };
  Destination(Shard::State& shard, std::string key, Place place);
  ~Destination() override;

  void add(Part part);
  // Does what can be done now; called again when something changed, and from time to time.
  void serve();
  // serve() will look the domain up.
  bool needs_facts() const;
  std::string_view domain() const { return place_.domain; }
  // A person wants it tried now.
  void end_rest() { rest_until_ = {}; }
  // The resolver has looked at it.
  void answered();

  const std::string& key() const { return key_; }
  PolicyTicket ticket() const { return ticket_; }
  // Nothing is lost if it goes.
  bool forgettable() const;
  bool has_work() const { return !waiting_.empty(); }

  void gone(Outbound& session) override;
  void works(Outbound& session) override;
  void free(Outbound& session) override;
  void failed(Outbound& session, const Trouble& trouble) override;
  void done(Outbound& session, Part part, const std::vector<smtp::RecipientResult>& results) override;
  void broke(Outbound& session, Part part, const Trouble& trouble, bool stale) override;

 private:
  bool resting() const;
  bool planned();
  bool take_facts();
  void ask();
  bool give_one();
  bool open_one();
  bool may_open(std::size_t& ready) const;
  Candidate* next_candidate();
  Candidate* candidate_of(const Outbound& session);
  Outbound* idle_session();
  void tell_barred();
  void give_up();
  void put_off(const smtp::RecipientResult& result, std::string_view host);
  void rest(std::string why);
  smtp::RecipientResult verdict() const;

  Shard::State& shard_;
  std::string key_;
  Place place_;
  std::deque<Part> waiting_;
  std::vector<Outbound*> sessions_;
  Plan plan_;
  bool has_plan_ = false;
  PolicyTicket ticket_ = 0;  // 0: nothing is asked
  Instant asked_at_ = kNever;
  Instant ask_again_{};
  std::uint32_t window_;
  Duration pause_{0};
  Instant rest_until_{};
  std::string rest_reason_;
  smtp::RecipientResult last_trouble_;
  bool all_for_ever_ = true;  // every server tried can never take it
  Instant spill_{};
  Instant used_{};
};

}  // namespace postern::shard
