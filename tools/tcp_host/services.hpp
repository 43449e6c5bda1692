// What the host serves: one small machine per connection, a table row per service.
//
//   echo (RFC 862)     what comes goes back            discard (RFC 863)  what comes is counted
//   chargen (RFC 864)  the pattern, without end        rr                 requests and responses of any size
//   digest             everything up to the peer's FIN, then "<crc32> <bytes>\n": half-close, checked
//   source             "<bytes>\n" from the peer, then that much of the pattern, then FIN
//
// A request of rr is eight bytes, how long the request is with them and how long the response is to be (both
// 32 bits, big-endian), and filler. Nothing is read that cannot be answered: a peer that does not read fills
// its own window.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/tcp_host/host.hpp"

namespace postern::tcp_host {

enum class Service : std::uint8_t { echo, discard, chargen, rr, digest, source };

struct ServedPort {
  Service service = Service::echo;
  std::uint16_t port = 0;
};

Result<Service> service_by_name(std::string_view name);

struct ServedCounts {
  std::uint64_t opened = 0;
  std::uint64_t ended = 0;   // in order, both directions
  std::uint64_t broken = 0;  // reset or timed out
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t responses = 0;
  std::uint64_t open = 0;
};

class Services final : public Application {
 public:
  Services(std::vector<ServedPort> ports, std::uint32_t connections);

  void listen(tcp::Engine& tcp) const;
  // False where the event is about a connection that was not opened to one of our ports.
  bool owns(const tcp::Event& event) const;
  void on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) override;
  std::size_t advance(tcp::Engine&, Instant) override { return 0; }
  const ServedCounts& counts() const { return counts_; }

 private:
  struct Talk {
    bool live = false;
    bool peer_done = false;
    bool closed = false;
    Service service = Service::echo;
    std::uint8_t header_bytes = 0;
    std::uint8_t header[8] = {};
    std::uint32_t crc = 0;
    std::uint32_t to_skip = 0;  // of a request
    std::uint64_t owed = 0;     // of a response or a source
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  };
  struct Turn {  // one connection's share of a step
    tcp::Engine& tcp;
    tcp::ConnectionId id;
    Instant now;
    Talk& talk;
  };

  void open(tcp::Engine& tcp, tcp::ConnectionId id);
  void pump(Turn turn);
  void echo(Turn& turn);
  void discard(Turn& turn);
  void generate(Turn& turn);
  void respond(Turn& turn);
  void take_request(Turn& turn, Bytes& data);
  void digest(Turn& turn);
  void source(Turn& turn);
  void consume(Turn& turn, std::size_t count);
  void write_pattern(Turn& turn);
  void close(Turn& turn);

  std::vector<ServedPort> ports_;
  std::vector<Talk> talks_;  // by connection slot
  ServedCounts counts_;
};

}  // namespace postern::tcp_host
