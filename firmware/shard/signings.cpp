#include "firmware/shard/signings.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/inbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// A ticket: the number of the message's signing, and which of its signatures.
constexpr unsigned kIndexBits = 3;
static_assert(dkim::Keyring::kMostPerDomain <= 1u << kIndexBits);

}  // namespace

std::optional<std::string> Signings::sign(dkim::MessageHash& message, const Asker& asker) {
  const auto& settings = shard_.settings->signing;
  auto made =
      dkim::drafts(message, shard_.keys,
                   {.header = settings.canonical, .now = shard_.now.wall, .lifetime = settings.lifetime});
  if (!made) {
    ++shard_.counters.shard.signing_failed;
    return std::string();
  }
  Open open{.number = ++last_,
            .asker = asker,
            .drafts = std::move(*made),
            .signatures = {},
            .until = shard_.now.instant + kMostWait};
  sign_here(open);
  if (open.missing == 0) return fields_of(open);
  open_.push_back(std::move(open));
  return std::nullopt;
}

// What takes no time; an empty signature is one that failed or is missing.
void Signings::sign_here(Open& open) const {
  for (auto& [signer, draft] : open.drafts) {
    open.signatures.emplace_back();
    if (source_ != nullptr && signer->key.costly()) {
      ++open.missing;
    } else if (auto signature = signer->key.sign(draft.digest)) {
      open.signatures.back() = std::move(*signature);
    }
  }
}

// False where no more can be asked now.
bool Signings::ask(Open& open) {
  for (; open.asked < open.drafts.size(); ++open.asked) {
    const auto& [signer, draft] = open.drafts[open.asked];
    if (!signer->key.costly()) continue;
    if (!source_->ask(open.number << kIndexBits | open.asked, signer->number, draft.digest)) return false;
  }
  return true;
}

void Signings::pump() {
  if (source_ == nullptr) return;
  SignatureTicket ticket = 0;
  dkim::Signature signature;
  while (source_->ready(ticket, signature)) take(ticket, signature);
  for (auto& open : open_) {
    if (!ask(open)) break;
  }
  while (!open_.empty() && open_.front().until <= shard_.now.instant) {
    const auto asker = open_.front().asker;
    open_.pop_front();
    ++shard_.counters.shard.signing_failed;
    hand_over(asker, {});
  }
}

void Signings::take(SignatureTicket ticket, const dkim::Signature& signature) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const Open& open) { return open.number == ticket >> kIndexBits; });
  const auto index = ticket & ((1u << kIndexBits) - 1);
  if (found == open_.end() || index >= found->signatures.size()) return;  // too late, or forgotten
  found->signatures[index] = signature;
  if (--found->missing != 0) return;
  const auto open = std::move(*found);
  open_.erase(found);
  hand_over(open.asker, fields_of(open));
}

// All signatures or none.
std::string Signings::fields_of(const Open& open) {
  std::string fields;
  for (std::size_t i = 0; i < open.drafts.size(); ++i) {
    if (open.signatures[i].empty()) {
      ++shard_.counters.shard.signing_failed;
      return {};
    }
    fields += dkim::complete(open.drafts[i].draft, open.signatures[i]);
  }
  ++shard_.counters.shard.signing_asked;
  return fields;
}

void Signings::hand_over(const Asker& asker, const std::string& fields) {
  switch (asker.kind) {
    case Asker::Kind::session:
      // Only inbound sessions ask.
      if (auto* session = shard_.find(asker.session)) {
        static_cast<Inbound*>(session)->message_signed(asker.message, fields);
      }
      return;
    case Asker::Kind::injection:
      return shard_.injections.message_signed(asker.message, fields);
    case Asker::Kind::bounce:
      return shard_.bounces.message_signed(asker.message, fields);
  }
}

void Signings::forget(spool::MessageId message) {
  std::erase_if(open_, [&](const Open& open) { return open.asker.message == message; });
}

Instant Signings::next_deadline() const {
  // Answers come through a ring: they are looked for.
  return open_.empty() ? kNever : shard_.now.instant + std::chrono::microseconds(500);
}

}  // namespace postern::shard
