// The office's servers: hands them messages, asks them about recipients, and keeps their health.
//
// A server that failed is left alone for a growing while, the next in order of preference is tried meanwhile.
// While none can be reached, messages are put off without a connection. When one comes back everything queued
// is tried at once.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/shard/carrier.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/shard/target.hpp"

namespace postern::shard {

class Office final : public Carrier {
 public:
  explicit Office(Shard::State& shard) : shard_(shard) {}

  void add(Part part);
  // Assigns work; bounded per call.
  void pump();
  Instant next_deadline() const;
  // Settings changed: forget what was known about servers.
  void reset();

  void gone(Outbound& session) override;
  void works(Outbound& session) override;
  void free(Outbound&) override {}
  void failed(Outbound& session, const Trouble& trouble) override;
  void done(Outbound& session, Part part, const std::vector<smtp::RecipientResult>& results) override;
  void broke(Outbound& session, Part part, const Trouble& trouble, bool stale) override;
  void probed(const mail::Path& recipient, const std::vector<smtp::RecipientResult>& results) override;
  void not_probed(const mail::Path& recipient, std::string_view why) override;

 private:
  struct Server {
    std::shared_ptr<const Target> target;
    Instant retry_at{};
    Duration pause{0};
    std::string reason;
    bool failed = false;
  };

  bool assign_probe();
  bool assign_message();
  Outbound* idle_session();
  Outbound* open_session();
  Server* server_of(const Outbound& session);
  Server* pick();
  void failed(Server& server, std::string_view why);
  std::string_view unreachable() const;

  Shard::State& shard_;
  std::deque<Part> waiting_;
  std::vector<Outbound*> sessions_;
  std::vector<Server> servers_;
  Instant spill_{};
};

}  // namespace postern::shard
