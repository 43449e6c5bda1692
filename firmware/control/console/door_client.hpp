// Questions to postern-control without waiting for it: each has a socket of its own. See
// firmware/control/service.
#pragma once

#include <poll.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "firmware/control/console/grammar.hpp"
#include "platform/base/time.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::console {

class DoorClient {
 public:
  static constexpr std::size_t kMostAnswer = 64u << 20;
  static constexpr Duration kPatience = std::chrono::seconds(60);  // making a key takes its time

  explicit DoorClient(std::string path) : path_(std::move(path)) {}

  void ask(std::uint64_t ticket, const Json& question, Instant now);
  void stop(std::uint64_t ticket);
  // Every question is answered once, if only by {"error": ...}.
  void turn(Instant now, const std::function<void(std::uint64_t, const Json&)>& answered);
  void watch(std::vector<pollfd>& descriptors) const;

 private:
  struct Exchange {
    std::uint64_t ticket = 0;
    process::Descriptor socket;
    std::string question;
    std::size_t sent = 0;
    std::string answer;
    Instant until{};
    std::string trouble;
  };
  // True where it is over.
  static bool step(Exchange& exchange);

  std::string path_;
  std::list<Exchange> exchanges_;
};

}  // namespace postern::control::console
