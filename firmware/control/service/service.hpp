// The door for the `postern` command: one question, one answer, both JSON, over a Unix stream socket.
//
// A question is one line, an answer is one document and the end of the stream. Clients are slow or gone as
// they like: a connection lives five seconds, and there are at most 32.
#pragma once

#include <functional>
#include <list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/base/time.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

// Who asks, as the kernel tells it.
struct Peer {
  unsigned uid = ~0u;
  unsigned gid = ~0u;
  std::uint64_t client = 0;  // tells one question from the next
};

class Service {
 public:
  // null: not yet; it is asked again in the next turn.
  using Answer = std::function<nlohmann::ordered_json(const nlohmann::json& question, const Peer& peer)>;

  static Result<Service, Fault> create(const std::string& path, Answer answer);
  void turn(Instant now);
  std::vector<int> descriptors() const;

 private:
  struct Client {
    process::Descriptor socket;
    Instant until;
    Peer peer;
    std::string question;
    std::string answer;
    std::size_t sent = 0;
    bool answered = false;
    bool asked = false;
  };

  Service(process::Descriptor listener, Answer answer)
      : listener_(std::move(listener)), answer_(std::move(answer)) {}
  void accept(Instant now);
  // False where the client is done with.
  bool serve(Client& client);
  bool read_question(Client& client);
  void make_answer(Client& client) const;

  process::Descriptor listener_;
  Answer answer_;
  std::list<Client> clients_;
  std::uint64_t last_client_ = 0;
};

}  // namespace postern::control
