// Lines that were entered, to be had again with the arrows. What was masked is never here: the shell cuts it.
#pragma once

#include <deque>
#include <optional>
#include <string>

namespace postern::control::console {

class History {
 public:
  static constexpr std::size_t kMost = 200;

  void add(const std::string& line) {
    if (line.empty() || (!lines_.empty() && lines_.back() == line)) return;
    lines_.push_back(line);
    if (lines_.size() > kMost) lines_.pop_front();
  }
  // A new line is typed: the search begins at the newest.
  void rest() { at_.reset(); }

  // The next earlier (later) line that begins as what was typed when the search began.
  std::optional<std::string> earlier(const std::string& typed) {
    if (!at_) {
      at_ = lines_.size();
      front_ = typed;
    }
    for (auto i = *at_; i-- > 0;) {
      if (lines_[i].starts_with(front_)) return at_ = i, lines_[i];
    }
    return std::nullopt;
  }
  std::optional<std::string> later() {
    if (!at_) return std::nullopt;
    for (auto i = *at_ + 1; i < lines_.size(); ++i) {
      if (lines_[i].starts_with(front_)) return at_ = i, lines_[i];
    }
    at_.reset();
    return front_;
  }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  std::deque<std::string> lines_;
  std::optional<std::size_t> at_;
  std::string front_;
};

}  // namespace postern::control::console
