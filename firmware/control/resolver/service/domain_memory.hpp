// The facts of domains in memory: the last ones learned, the least recently wanted forgotten first.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/base/time.hpp"

namespace postern::resolver {

struct Remembered {
  std::string domain;
  std::vector<std::uint8_t> encoded;
  WallTime learned{};
  WallTime expires{};
  unsigned side = 0;  // the context that knows it

  bool holds(WallTime now) const { return now < expires; }
  // Less than a fifth of its time is left.
  bool runs_out(WallTime now) const { return expires - now < (expires - learned) / 5; }
};

class DomainMemory {
 public:
  explicit DomainMemory(std::size_t most) : most_(most) {}

  // Null where it is not known; else it is now the most recently wanted one.
  Remembered* find(const std::string& domain) {
    const auto found = places_.find(domain);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front();
  }
  // The name of what was forgotten for it, or empty.
  std::string put(Remembered entry) {
    if (auto* known = find(entry.domain)) {
      *known = std::move(entry);
      return {};
    }
    entries_.push_front(std::move(entry));
    places_[entries_.front().domain] = entries_.begin();
    if (entries_.size() <= most_) return {};
    auto forgotten = std::move(entries_.back().domain);
    places_.erase(forgotten);
    entries_.pop_back();
    return forgotten;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  std::size_t most_;
  std::list<Remembered> entries_;  // the most recently wanted first
  std::unordered_map<std::string, std::list<Remembered>::iterator> places_;
};

}  // namespace postern::resolver
