// Connections that the host opens itself, and what it does on them.
//
//   send:BYTES          the pattern, then FIN; what comes back is kept (the first 64 bytes) and counted
//   receive             reads to the peer's FIN; says whether it was the pattern, and its CRC-32
//   echo:BYTES          sends the pattern and expects the very same back, then FIN
//   rr:COUNT:REQ:RESP   COUNT requests one after the other, as the rr service answers them; round trips are
//   timed source:BYTES        asks a source service for so much, and checks it hold                opens and
//   stays
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/tcp_host/host.hpp"

namespace postern::tcp_host {

enum class Deed : std::uint8_t { send, receive, echo, rr, source, hold };

struct Errand {
  Deed deed = Deed::hold;
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;
  std::uint32_t request = 8;
  std::uint32_t response = 1;
};

Result<Errand> parse_errand(std::string_view text);

struct ClientSettings {
  wire::Endpoint to;
  Errand errand;
  std::uint32_t connections = 1;
  Duration gap{};  // between two opens
};

struct ClientResult {
  std::uint64_t started = 0;
  std::uint64_t connected = 0;
  std::uint64_t finished = 0;  // did what they were to do, and were closed in order
  std::uint64_t failed = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t wrong = 0;  // connections that received something else than was due
  std::uint32_t crc = 0;    // of the last connection's stream
  std::string said;         // the first bytes that came back, of the last connection
  std::string fault;        // of the last that failed
  std::vector<std::uint32_t> round_trips_us;
  Instant began{};
  Instant ended{};
};

class Client final : public Application {
 public:
  Client(const ClientSettings& settings, std::uint32_t connections);

  bool owns(const tcp::Event& event) const;
  void on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) override;
  std::size_t advance(tcp::Engine& tcp, Instant now) override;
  Instant next_deadline() const override;
  // The host's route decides where connections leave from.
  void set_source(const wire::IpAddress& source) { source_ = source; }
  bool done() const { return result_.finished + result_.failed == settings_.connections; }
  const ClientResult& result() const { return result_; }

 private:
  struct Talk {
    bool live = false;
    bool closed = false;
    bool peer_done = false;
    bool wrong = false;
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t requests = 0;
    std::uint32_t pending = 0;  // of this request, still to be written
    std::uint32_t due = 0;      // of this response
    std::uint32_t crc = 0;
    std::string said;
    Instant asked{};
  };
  struct Turn {
    tcp::Engine& tcp;
    tcp::ConnectionId id;
    Instant now;
    Talk& talk;
  };

  void start_one(tcp::Engine& tcp, Instant now);
  void end(Talk& talk, bool good, std::string_view why, Instant now);
  void pump(Turn turn);
  void take(Turn& turn, bool check);
  void put_pattern(Turn& turn);
  void ask(Turn& turn);
  void request_source(Turn& turn);
  void close(Turn& turn);
  bool is_complete(const Talk& talk) const;

  ClientSettings settings_;
  wire::IpAddress source_;
  std::vector<Talk> talks_;
  ClientResult result_;
  Instant next_start_ = Instant::min();
};

}  // namespace postern::tcp_host
