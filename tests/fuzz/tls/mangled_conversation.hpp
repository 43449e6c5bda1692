// A real handshake and some text between two sessions, with one direction's bytes mangled as the input says.
// The input is a list of four-byte orders, one for each delivery to the victim; what is left is raw bytes for
// its `read`.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/fuzz/tls/fixed_credentials.hpp"

namespace postern::tls::fuzz {

class Queue : public CipherSink {
 public:
  std::size_t room = ~std::size_t{0};
  std::vector<std::uint8_t> bytes;
  std::size_t take(Bytes ciphertext) override {
    const auto n = std::min(room - std::min(room, bytes.size()), ciphertext.size());
    bytes.insert(bytes.end(), ciphertext.begin(), ciphertext.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
};

class Script {
 public:
  explicit Script(Bytes input) : left_(input) {}
  bool empty() const { return left_.size() < 4; }
  Bytes rest() const { return left_; }

  void mangle(std::vector<std::uint8_t>& flight) {
    if (empty() || flight.empty()) return;
    const auto order = left_[0] % 8;
    const std::size_t at = load_be16(left_.data() + 1) % flight.size();
    const auto value = left_[3];
    left_ = left_.subspan(4);
    const auto place = flight.begin() + static_cast<std::ptrdiff_t>(at);
    if (order == 1) *place ^= value;
    if (order == 2) flight.resize(at);
    if (order == 3) insert(flight, at, value);
    if (order == 4) flight.insert(flight.end(), flight.begin(), place);
    if (order == 5)
      flight.erase(place,
                   place + static_cast<std::ptrdiff_t>(std::min<std::size_t>(value, flight.size() - at)));
    if (order == 6) *place = value;
    if (order == 7) {
      flight.clear();
      insert(flight, 0, value);
    }
  }

 private:
  void insert(std::vector<std::uint8_t>& flight, std::size_t at, std::size_t count) {
    const auto raw = left_.first(std::min(count, left_.size()));
    flight.insert(flight.begin() + static_cast<std::ptrdiff_t>(at), raw.begin(), raw.end());
    left_ = left_.subspan(raw.size());
  }
  Bytes left_;
};

class MangledConversation {
 public:
  explicit MangledConversation(bool victim_is_server) {
    wall_ = WallTime(std::chrono::hours(500000));
    const auto credential = fixed_credential(wall_);
    TicketKeys keys;
    keys.keys[0].name.fill(1);
    keys.keys[0].secret.fill(2);
    const Settings small{.arena_bytes = 4u << 20,
                         .ticket_lifetime = std::chrono::hours(1),
                         .trust_anchors_pem = credential.chain_pem};
    rng::CoreRandom random({9});
    const CoreScope scope(random, wall_);  // so that the certificate is valid in every run
    auto server = Core::create(small, {credential}, keys, {1}, counters_);
    auto client = Core::create(small, {}, keys, {2}, counters_);
    if (!server) std::fprintf(stderr, "%s\n", server.error().reason.c_str());
    if (!client) std::fprintf(stderr, "%s\n", client.error().reason.c_str());
    if (!server || !client) std::abort();
    server_core_ = std::move(*server);
    client_core_ = std::move(*client);
    server_core_->set_time(wall_);
    client_core_->set_time(wall_);
    victim_is_server_ = victim_is_server;
  }

  void run(Bytes input) {
    if (input.empty()) return;
    const auto mode = input[0];
    Script script(input.subspan(1));
    ServerDemand demand{.server_name = "fuzz.test"};
    if ((mode & 1) != 0) demand.kind = ServerDemand::Kind::web_pki;
    client_ = client_core_->connect(demand);
    server_ = server_core_->accept();
    if (!client_ || !server_) std::abort();
    to_server_ = {};
    to_client_ = {};
    (victim_is_server_ ? to_client_ : to_server_).room = (mode & 2) != 0 ? 50 : ~std::size_t{0};
    converse(script);
    after(script.rest());
  }

 private:
  Session& victim() { return victim_is_server_ ? *server_ : *client_; }
  Queue& to_victim() { return victim_is_server_ ? to_server_ : to_client_; }
  Queue& from_victim() { return victim_is_server_ ? to_client_ : to_server_; }

  static Status step(Session& session, Queue& in, Queue& out) {
    Bytes view(in.bytes);
    const auto status = session.handshake(view, out);
    in.bytes.erase(in.bytes.begin(), in.bytes.end() - static_cast<std::ptrdiff_t>(view.size()));
    return status;
  }

  void converse(Script& script) {
    for (int round = 0; round < 60; ++round) {
      Session& peer = victim_is_server_ ? *client_ : *server_;
      const auto peer_status = step(peer, from_victim(), to_victim());
      script.mangle(to_victim().bytes);
      const auto status = step(victim(), to_victim(), from_victim());
      if (status == Status::failed && victim().facts().failure.empty()) std::abort();
      if (status == Status::failed) return;
      if (status == Status::ok && peer_status == Status::ok) return;
      if (status == Status::want_input && peer_status != Status::again && to_victim().bytes.empty() &&
          from_victim().bytes.empty() && round > 20) {
        return;
      }
    }
  }

  // Whatever is left goes into `read`, raw; then a write and the end.
  void after(Bytes raw) {
    std::array<std::uint8_t, 256> plain;
    for (int calls = 0; calls < 200; ++calls) {
      std::size_t got = 0;
      const auto before = raw.size();
      const auto status = victim().read(raw, from_victim(), plain, got);
      if (status == Status::failed || status == Status::closed) break;
      if (status != Status::ok && status != Status::again && raw.size() == before) break;
    }
    std::size_t taken = 0;
    Bytes none;
    victim().write(none, from_victim(), plain, taken);
    victim().close(from_victim());
    client_.reset();
    server_.reset();
  }

  WallTime wall_;
  Counters counters_;
  bool victim_is_server_;
  std::unique_ptr<Core> server_core_;
  std::unique_ptr<Core> client_core_;
  std::unique_ptr<Session> client_;
  std::unique_ptr<Session> server_;
  Queue to_server_;
  Queue to_client_;
};

}  // namespace postern::tls::fuzz
