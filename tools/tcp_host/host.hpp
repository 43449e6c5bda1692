// One port, one address book, one TCP: the engines joined as a shard joins them, without mail.
//
// Works on any nic::Port, so the same Host runs on a kernel-backed device and in memory. Everything happens
// in poll(); an Application hears events and may call the engine from them. Work per poll is bounded.
#pragma once

#include <array>
#include <cstdint>

#include "drivers/nic/port.hpp"
#include "firmware/net/stack.hpp"
#include "firmware/tcp/engine.hpp"

namespace postern::tcp_host {

class Application {
 public:
  virtual ~Application() = default;
  virtual void on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) = 0;
  // Once per poll. Returns how much it did, so that an idle host may sleep.
  virtual std::size_t advance(tcp::Engine& tcp, Instant now) = 0;
  virtual Instant next_deadline() const { return kNever; }
};

class Host final : private FrameSink {
 public:
  static constexpr std::size_t kSegmentsPerPoll = 256;

  Host(nic::Port& port, const net::Settings& net_settings, const tcp::Settings& tcp_settings);

  // The application outlives the host.
  void run(Application& application) { application_ = &application; }

  // One turn: frames in, timers, the application, frames out. Returns how much was done.
  std::size_t poll(Instant now);
  Instant next_deadline() const;

  net::Stack& net() { return net_; }
  tcp::Engine& tcp() { return tcp_; }
  const net::Counters& net_counters() const { return net_counters_; }
  const tcp::Counters& tcp_counters() const { return tcp_counters_; }

 private:
  bool allocate(PortIndex, Frame& frame) override { return port_.allocate(frame); }
  void send(PortIndex, Frame& frame) override;
  void discard(PortIndex, Frame& frame) override { port_.discard(frame); }

  std::size_t receive(Instant now);
  void take(const Frame& frame, Instant now);
  std::size_t dispatch(Instant now);
  std::size_t transmit(Instant now);
  void flush();

  nic::Port& port_;
  net::Counters net_counters_;
  tcp::Counters tcp_counters_;
  net::Stack net_;
  tcp::Engine tcp_;
  Application* application_ = nullptr;
  Frame spare_;  // an empty frame that emit() had nothing for
  bool has_spare_ = false;
  bool more_ = false;  // the budget ended before the engine had sent all
  std::array<Frame, nic::kBurst> burst_;
  std::size_t waiting_ = 0;
  Instant now_{};
};

}  // namespace postern::tcp_host
