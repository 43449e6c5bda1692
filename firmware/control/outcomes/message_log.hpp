// The message log: one JSON line per outcome, set aside by size; and the last ones in memory.
//
// A log that cannot be written is told once and tried again; mail does not depend on it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "firmware/ipc/outcome.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

struct MessageLogSettings {
  std::string path;
  std::uint64_t most_bytes = 64u << 20;  // then FILE becomes FILE.1, FILE.1 becomes FILE.2 and so on
  std::uint64_t kept = 10;
};

class MessageLog {
 public:
  static constexpr std::size_t kRecent = 1000;

  void configure(const MessageLogSettings& settings);
  // Takes a batch; one write.
  void add(const std::vector<ipc::Outcome>& outcomes);
  // The outcomes after number `after` (0: from the oldest kept), at most `most`, the newest of them.
  struct Numbered {
    std::uint64_t number;
    ipc::Outcome outcome;
  };
  std::vector<Numbered> recent(std::uint64_t after, std::size_t most) const;
  std::uint64_t count() const { return count_; }
  // Why the file cannot be written; empty: it can.
  const std::string& trouble() const { return trouble_; }

 private:
  bool open();
  void set_aside();
  void write_lines(const std::string& lines);

  MessageLogSettings settings_;
  process::Descriptor file_;
  std::uint64_t bytes_ = 0;
  std::uint64_t count_ = 0;
  std::deque<Numbered> recent_;
  std::string trouble_;
};

}  // namespace postern::control
