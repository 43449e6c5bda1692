#include "firmware/shard/recipients.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/inbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {

// Local parts are compared without regard to case: no office we know of tells Ann from ann, and a list that
// did would lose mail (RFC 5321 §2.4 leaves it to the receiving host, which is us).
std::string Recipients::key(const mail::Path& recipient) {
  std::string text = recipient.text();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void Recipients::reload() {
  known_.clear();
  for (const auto& address : shard_.settings->recipients.known) known_.insert(address);
  memory_.clear();
}

std::optional<smtp::RecipientAnswer> Recipients::check(const mail::Path& recipient, tcp::ConnectionId asker) {
  using Verify = RecipientSettings::Verify;
  const auto verify = shard_.settings->recipients.verify;
  if (verify == Verify::any || shard_.report_desk.takes(recipient)) return smtp::RecipientAnswer::known;
  const auto name = key(recipient);
  // RFC 5321 §4.5.1: postmaster is always there.
  if (name.starts_with("postmaster@")) return smtp::RecipientAnswer::known;
  if (verify == Verify::listed) {
    return known_.contains(name) ? smtp::RecipientAnswer::known : smtp::RecipientAnswer::unknown;
  }
  if (const auto found = memory_.find(name); found != memory_.end()) {
    if (shard_.now.instant < found->second.until) {
      ++shard_.counters.shard.recipients_remembered;
      return found->second.answer;
    }
    memory_.erase(found);
  }
  auto& waiting = askers_[name];
  if (waiting.empty()) questions_.push_back(recipient);
  waiting.push_back(asker);
  return std::nullopt;
}

void Recipients::forget(tcp::ConnectionId asker) {
  for (auto& [name, waiting] : askers_) {
    (void)name;
    std::erase(waiting, asker);
  }
}

bool Recipients::next_question(mail::Path& question) {
  if (questions_.empty()) return false;
  question = std::move(questions_.front());
  questions_.pop_front();
  ++shard_.counters.shard.recipients_asked;
  return true;
}

void Recipients::answered(const mail::Path& recipient, smtp::RecipientAnswer answer, std::string_view words) {
  const auto name = key(recipient);
  const auto& settings = shard_.settings->recipients;
  if (answer != smtp::RecipientAnswer::try_later) {
    if (memory_.size() >= settings.remembered) memory_.clear();
    const auto keep =
        answer == smtp::RecipientAnswer::known ? settings.remember_known : settings.remember_unknown;
    memory_[name] = Memory{answer, shard_.now.instant + keep, std::string(words)};
  }
  tell(name, answer, words);
}

void Recipients::unanswered(const mail::Path& recipient, std::string_view why) {
  tell(key(recipient), smtp::RecipientAnswer::try_later, why);
}

void Recipients::tell(const std::string& name, smtp::RecipientAnswer answer, std::string_view words) {
  const auto found = askers_.find(name);
  if (found == askers_.end()) return;
  const auto waiting = std::move(found->second);
  askers_.erase(found);
  for (const auto id : waiting) {
    // Only inbound sessions ask.
    if (auto* session = shard_.find(id)) static_cast<Inbound*>(session)->recipient_checked(answer, words);
  }
}

}  // namespace postern::shard
