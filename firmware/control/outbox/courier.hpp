// Takes mail from the outbox to the data plane, one at a time, and removes a file only when the data plane
// said that the queue has it on disk.
//
// A mail's ticket is made of its name and content, so that a data plane that has it already knows it again,
// whoever restarts in between: a mail comes twice at most (both ends lost their memory), and is never lost.
// One that can never be sent is set aside and told; one that cannot be sent now does not hold up others.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "firmware/ipc/reporting.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

class Courier {
 public:
  // False where the line has no room now.
  using Send = std::function<bool(const ipc::Inject&, Bytes message)>;
  explicit Courier(Send send) : send_(std::move(send)) {}

  void set_directory(std::string directory);
  // `line` tells one connection to the data plane from the next; 0: there is none, or it does not run yet.
  void turn(Instant now, std::uint64_t line);
  void on_injected(const ipc::Injected& answer, Instant now);

  std::uint64_t carried() const { return carried_; }
  // Why the last one was not taken; empty: it was.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Open {
    std::string name;
    std::uint64_t ticket = 0;
    std::uint64_t line = 0;
    Instant until{};
  };
  std::optional<std::string> choose(Instant now);
  void give(const std::string& name, Instant now, std::uint64_t line);
  void set_aside(const std::string& name, const std::string& why, Instant now);

  Send send_;
  std::string directory_;
  std::optional<Open> open_;  // given and not answered
  std::deque<std::string> names_;
  std::map<std::string, Instant> later_;  // not before then
  Instant next_look_{};
  std::uint64_t carried_ = 0;
  std::string trouble_;
};

}  // namespace postern::control
