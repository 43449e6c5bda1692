// Two sessions, or one session and a script of bytes, over memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "firmware/tls/session.hpp"
#include "platform/base/arena.hpp"
#include "tests/firmware/tls/test_credentials.hpp"

namespace postern::tls::test {

// A send queue with so much room, and what is waiting in it.
class Queue : public CipherSink {
 public:
  std::size_t room = ~std::size_t{0};
  std::vector<std::uint8_t> bytes;

  std::size_t take(Bytes ciphertext) override {
    const auto n = std::min(room - std::min(room, bytes.size()), ciphertext.size());
    bytes.insert(bytes.end(), ciphertext.begin(), ciphertext.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  // Gives `use` at most `step` bytes and drops what it consumed.
  template <typename Use>
  auto offer(std::size_t step, Use use) {
    Bytes view(bytes.data(), std::min(step, bytes.size()));
    const auto before = view.size();
    const auto result = use(view);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(before - view.size()));
    return result;
  }
};

inline WallTime wall_now() {
  return std::chrono::system_clock::now();
}

inline TicketKeys ticket_keys(std::uint8_t number) {
  TicketKeys keys;
  keys.keys[0].name.fill(number);
  keys.keys[0].secret.fill(static_cast<std::uint8_t>(number * 3));
  return keys;
}

inline std::array<std::uint8_t, 32> seed(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = number;
  return bytes;
}

// A core that works, or an explanation on the console.
inline std::unique_ptr<Core> make_core(const std::vector<Credential>& credentials, Counters& counters,
                                       const Settings& settings = {}, std::uint8_t keys = 1,
                                       std::uint8_t number = 1) {
  auto core = Core::create(settings, credentials, ticket_keys(keys), seed(number), counters);
  if (!core) {
    std::fprintf(stderr, "no core: %s\n", core.error().reason.c_str());
    return nullptr;
  }
  (*core)->set_time(wall_now());
  return std::move(*core);
}

struct Conversation {
  std::unique_ptr<Session> client;
  std::unique_ptr<Session> server;
  Queue to_server;
  Queue to_client;
  Status client_status = Status::want_input;
  Status server_status = Status::want_input;
  int server_calls = 0;
  std::size_t step = ~std::size_t{0};  // bytes of input per call

  bool over(Status status) const {
    return status == Status::ok || status == Status::failed || status == Status::closed;
  }

  // Runs both handshakes until nothing moves. True where both are complete.
  bool handshake() {
    for (int round = 0; round < 20000; ++round) {
      if (!over(client_status)) {
        client_status = to_client.offer(step, [&](Bytes& in) { return client->handshake(in, to_server); });
      }
      if (!over(server_status)) {
        server_status = to_server.offer(step, [&](Bytes& in) { return server->handshake(in, to_client); });
        ++server_calls;
      }
      if (over(client_status) && over(server_status)) break;
      // The other side may have failed without a word.
      if (client_status == Status::failed && to_server.bytes.empty()) break;
      if (server_status == Status::failed && to_client.bytes.empty()) break;
    }
    return client_status == Status::ok && server_status == Status::ok;
  }

  // Carries `text` from one side to the other and gives back what arrived.
  std::string carry(bool from_client, const std::string& text) {
    auto& from = from_client ? *client : *server;
    auto& to = from_client ? *server : *client;
    auto& out = from_client ? to_server : to_client;
    auto& back = from_client ? to_client : to_server;
    std::string arrived;
    auto rest = as_bytes(text);
    std::vector<std::uint8_t> plain(3000);
    for (int round = 0; round < 100000 && arrived.size() < text.size(); ++round) {
      std::size_t taken = 0;
      back.offer(step, [&](Bytes& in) { return from.write(in, out, rest, taken); });
      rest = rest.subspan(taken);
      std::size_t got = 0;
      const auto status = out.offer(step, [&](Bytes& in) { return to.read(in, back, plain, got); });
      arrived.append(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(got));
      if (status == Status::failed || status == Status::closed) break;
    }
    return arrived;
  }
};

inline std::string pattern_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 23);
  return text;
}

}  // namespace postern::tls::test
