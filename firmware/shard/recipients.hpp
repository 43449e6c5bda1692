// Is this recipient there? By list, or by asking the office's server once and remembering the answer.
//
// Equal questions are asked once; their askers wait together. An answer that cannot be had now is "try
// later", never "known" and never "unknown".
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "firmware/mail/path.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/smtp/server.hpp"
#include "firmware/tcp/engine.hpp"

namespace postern::shard {

class Recipients {
 public:
  explicit Recipients(Shard::State& shard) : shard_(shard) {}

  // The answer, or nothing: then Inbound::recipient_checked is called on the asker's session later.
  std::optional<smtp::RecipientAnswer> check(const mail::Path& recipient, tcp::ConnectionId asker);
  // The asker is gone.
  void forget(tcp::ConnectionId asker);

  // For Delivery: the next question nobody is asking the office yet.
  bool next_question(mail::Path& question);
  void answered(const mail::Path& recipient, smtp::RecipientAnswer answer, std::string_view words);
  // The question could not be put; askers hear "try later".
  void unanswered(const mail::Path& recipient, std::string_view why);

  // A new generation of the settings: lists and memory start anew.
  void reload();

 private:
  struct Memory {
    smtp::RecipientAnswer answer;
    Instant until;
    std::string words;
  };
  static std::string key(const mail::Path& recipient);
  bool listed(const std::string& key);
  void tell(const std::string& key, smtp::RecipientAnswer answer, std::string_view words);

  Shard::State& shard_;
  std::unordered_set<std::string> known_;
  std::unordered_map<std::string, Memory> memory_;
  std::unordered_map<std::string, std::vector<tcp::ConnectionId>> askers_;
  std::deque<mail::Path> questions_;
};

}  // namespace postern::shard
