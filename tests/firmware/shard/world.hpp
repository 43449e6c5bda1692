// A whole world in memory for one shard: a stranger on the internet side, an office server on the other, a
// disk, and a clock that only moves when told. Everything is deterministic.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "firmware/net/stack.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/smtp/client.hpp"
#include "firmware/smtp/server.hpp"
#include "firmware/tcp/engine.hpp"

namespace postern::test {

// Little memory, few connections.
tcp::Settings small_tcp();
// The connection is over with this event.
bool over(tcp::EventKind kind);

// Frames on their way: a fixed number of buffers, so that sending costs the shard nothing.
class Buffers : public FrameSink {
 public:
  struct Sent {
    PortIndex port;
    std::vector<std::uint8_t> bytes;
  };
  Buffers();
  bool allocate(PortIndex port, Frame& frame) override;
  void send(PortIndex port, Frame& frame) override;
  void discard(PortIndex port, Frame& frame) override;
  // The next frame sent, in order; false where there is none.
  bool take(Sent& sent);

 private:
  static constexpr std::size_t kFrames = 4096;
  static constexpr std::size_t kBytes = 2048;
  struct Waiting {
    PortIndex port;
    Frame frame;
  };
  std::vector<std::uint8_t> memory_;
  std::vector<std::uint8_t*> free_;
  std::vector<Waiting> waiting_;  // a ring
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

// A host with our own IP and TCP, one port, and whatever runs on its connections.
class Host {
 public:
  Host(const char* address, const char* gateway, std::uint8_t mac);
  Host(const std::vector<const char*>& addresses, std::uint8_t mac);
  void on_frame(const std::vector<std::uint8_t>& bytes, Now now);
  void advance(Now now);
  Instant next_deadline() const;

  net::Counters net_counters;
  tcp::Counters tcp_counters;
  net::Stack net;
  tcp::Engine tcp;
  Buffers out;
  wire::IpAddress address;
  std::function<void(const tcp::Event&, Now)> on_event;

 private:
  void pump(Now now);
};

// The stranger's side of one SMTP conversation: sends lines when told, collects what comes back.
class Talker final : private tls::CipherSink {
 public:
  Talker(Host& host, tcp::ConnectionId connection, std::unique_ptr<tls::Session> tls)
      : id(connection), host_(host), tls_(std::move(tls)) {}
  void say(std::string_view text) { unsent_ += text; }
  void start_tls(std::unique_ptr<tls::Session> tls) { tls_ = std::move(tls); }
  // Reads what is there and sends what can be sent.
  void go_on(Now now);

  const tcp::ConnectionId id;
  std::string heard;
  bool connected = false;
  bool ended = false;
  bool secured = false;
  tls::SessionFacts facts() const { return tls_->facts(); }

 private:
  std::size_t take(Bytes ciphertext) override { return host_.tcp.write(id, ciphertext, now_); }
  void read();
  void write();

  Host& host_;
  std::unique_ptr<tls::Session> tls_;
  std::string unsent_;
  Instant now_{};
};

// Our own SMTP server as the office: keeps what it is given.
struct Office {
  struct Mail {
    mail::Envelope envelope;
    std::string body;
  };
  explicit Office(Host& host);
  void on_event(const tcp::Event& event, Now now);
  Host& host;
  smtp::ServerSettings settings;
  smtp::Counters counters;
  std::vector<Mail> mails;
  std::map<std::uint32_t, std::unique_ptr<smtp::Server>> sessions;
  std::map<std::uint32_t, std::string> bodies;
  std::vector<std::string> unknown;  // recipients it refuses for good
  bool refuse_messages = false;      // 451 to every message
};

// A disk that keeps what was written, answers in order, and can be told to be full or to lose the unsynced.
struct MemoryDisk {
  std::map<spool::SegmentNumber, std::vector<std::uint8_t>> segments;
  std::deque<spool::DiskOrder> orders;
  bool full = false;
  bool stuck = false;  // answers nothing
};

class World {
 public:
  explicit World(shard::Settings settings = default_settings(), shard::Birth birth = {});
  static shard::Settings default_settings();

  std::unique_ptr<Talker> connect(std::uint16_t port = 25);
  // The same under TLS from the first byte (port 465).
  std::unique_ptr<Talker> connect_tls();
  // Runs until `done` or `limit` of simulated time has passed; returns done().
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(30));
  void run_for(Duration duration);
  // The shard dies; a new one recovers from the disk.
  void crash();

  struct Told : shard::OutcomeSink {
    std::vector<std::string> lines;
    std::function<void(const shard::Outcome&)> hear;
    World* world = nullptr;
    void tell(const shard::Outcome& outcome) override;
  };

  net::Counters net_counters;
  tcp::Counters tcp_counters;
  tls::Counters tls_counters;
  smtp::Counters smtp_counters;
  spool::Counters spool_counters;
  shard::Counters counters;
  shard::Settings settings;
  shard::Birth birth;
  Told told;
  MemoryDisk disk;
  Host internet;
  Host office_host;
  Office office;
  Now now;
  std::unique_ptr<shard::Shard> shard;
  std::vector<Talker*> talkers;
  // Who else lives on the internet: true where the event was theirs.
  std::function<bool(const tcp::Event&, Now)> on_internet;
  std::function<void(Now)> go_on;
  wire::IpAddress stranger;  // where connect() comes from
  // Called with true before and false after the shard does something, where given.
  void (*watch)(bool) = nullptr;

 private:
  void start();
  void step();
  void serve_disk();
  template <typename Call>
  void watched(Call&& call) {
    if (watch != nullptr) watch(true);
    call();
    if (watch != nullptr) watch(false);
  }
  Buffers out_;
  tls::Counters stranger_counters_;
  std::unique_ptr<tls::Core> stranger_tls_;
};

}  // namespace postern::test
