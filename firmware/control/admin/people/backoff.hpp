// How long somebody who guesses has to wait: doubling per account and per source, never without end.
//
// An account waits at most half a minute, so that nobody can lock a person out by guessing at their name; a
// source waits up to a quarter of an hour. The console asks no one here. Bounded: the oldest row goes first.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace postern::admin {

class Backoff {
 public:
  static constexpr std::size_t kMostRows = 4096;

  // Seconds to wait before a try counts at all; 0: go on.
  std::int64_t wait(const std::string& account, const std::string& source, std::int64_t now) const;
  void failed(const std::string& account, const std::string& source, std::int64_t now);
  // Only the account and this source are forgiven.
  void succeeded(const std::string& account, const std::string& source);

 private:
  struct Row {
    int failures = 0;
    std::int64_t until = 0;
    std::int64_t last = 0;
  };
  void add(const std::string& key, int free_tries, std::int64_t most, std::int64_t now);

  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;
};

}  // namespace postern::admin
