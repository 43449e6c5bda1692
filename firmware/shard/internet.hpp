// Every destination on the internet of one shard: finds them, gives each its turn, forgets the idle ones, and
// keeps the caps that hold for all of them together.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/shard/destination.hpp"
#include "firmware/shard/plan.hpp"
#include "firmware/shard/policy_source.hpp"
#include "firmware/shard/shard.hpp"

namespace postern::shard {

class Internet {
 public:
  Internet(Shard::State& shard, std::uint64_t seed) : shard_(shard), shuffler_(seed) {}

  void add(Part part, const std::string& domain);
  // The part goes where a person said.
  void reroute(Part part);

  // A person wants mail for that domain tried now; for all of them.
  void end_rest(const std::string& domain);
  void end_rests();

  void pump();
  Instant next_deadline() const;
  std::size_t destinations() const { return all_.size(); }

  // From destinations.
  void wake(Destination& destination);
  PolicyTicket open_ticket(Destination& destination);
  void close_ticket(PolicyTicket ticket) { tickets_.erase(ticket); }
  bool room() const;
  // One more session to that address may be opened. Where not, the destination has its turn as soon as one
  // is over, and a session of another domain that is only kept for reuse goes: domains by the thousand may
  // share a host.
  bool room_at(const wire::IpAddress& address, const Destination& asker);
  bool wanted(const wire::IpAddress& address) const;
  void opened(Outbound& session);
  void closed(const Outbound& session);
  Shuffler& shuffler() { return shuffler_; }

 private:
  using Address = std::array<std::uint8_t, 16>;

  Destination& find(const std::string& key, Destination::Place place);
  void take_answers();
  void look();

  Shard::State& shard_;
  Shuffler shuffler_;
  // Destinations are not many more than parts under way; they are looked at in turn.
  std::vector<std::unique_ptr<Destination>> all_;
  std::unordered_map<std::string, Destination*> by_key_;
  std::unordered_map<PolicyTicket, Destination*> tickets_;
  struct Host {
    std::vector<Outbound*> sessions;
    std::deque<std::string> waiting;  // keys of destinations that found no room
  };
  std::map<Address, Host> hosts_;
  std::uint32_t session_count_ = 0;
  std::deque<std::string> awake_;  // keys: a destination may be gone when its turn comes
  PolicyTicket last_ticket_ = 0;
  std::size_t looked_ = 0;
  Instant next_look_{};
};

}  // namespace postern::shard
