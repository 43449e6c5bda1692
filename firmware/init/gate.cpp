#include "firmware/init/gate.hpp"

#include <sys/random.h>

#include <nlohmann/json.hpp>

#include "firmware/control/outbox/outbox.hpp"
#include "firmware/init/door.hpp"

namespace postern::init {

namespace {

// No mail goes there either: the notice that the message failed ends in the queue as the message did.
constexpr const char* kSender = "gate@[127.0.0.1]";

std::string unique_word() {
  std::uint64_t number = 0;
  while (::getrandom(&number, sizeof number, 0) != sizeof number) continue;
  return std::to_string(number);
}

}  // namespace

Sighting find_message(const std::string& answer, const std::string& recipient) {
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  Sighting found;
  if (!json.is_object() || !json.contains("outcomes") || !json["outcomes"].is_array()) return found;
  for (const auto& one : json["outcomes"]) {
    if (!one.is_object() || !one.contains("to") || one["to"] != recipient) continue;
    const bool accepted = one.contains("result") && one["result"] == "accepted";
    (accepted ? found.accepted : found.concluded) = true;
  }
  return found;
}

Result<void, Fault> Gate::send() {
  const auto word = unique_word();
  if (auto done = control::prepare_outbox(outbox_); !done) return done;
  const auto recipient = "gate-" + word + "@[127.0.0.1]";
  const std::string text = "From: <gate@localhost>\r\nTo: <" + recipient +
                           ">\r\nSubject: health gate\r\nMessage-ID: <gate-" + word +
                           "@localhost>\r\n\r\nThis message says that the box is well.\r\n";
  // One name for all: a message left over from an earlier start is replaced.
  if (auto done = control::put_in_outbox(outbox_, "gate", {kSender, recipient, text}); !done) return done;
  recipient_ = recipient;
  return {};
}

void Gate::turn() {
  if (passed_) return;
  if (recipient_.empty()) {
    const auto sent = send();
    trouble_ = sent ? "the message of the gate did not come through the data plane" : sent.error().reason;
    return;
  }
  const auto answer = ask("{\"command\":\"outcomes\",\"after\":0,\"most\":10000}");
  const auto seen = answer ? find_message(*answer, recipient_) : Sighting{};
  if (seen.accepted) trouble_ = "the message of the gate is in the queue and stays there";
  passed_ = seen.concluded;
}

}  // namespace postern::init
