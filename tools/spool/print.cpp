// What postern-spool prints. Words of other servers and of senders are shown without control characters.
#include <time.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "firmware/wire/address.hpp"
#include "tools/spool/spool_tool.hpp"

namespace postern::tools {
namespace {

using spool::ListedMessage;

std::string clean(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 32 || letter == 127; }, ' ');
  return text;
}

std::string date(WallTime at) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  if (seconds <= 0) return "at once";
  const time_t time = seconds;
  tm parts{};
  char text[32] = {};
  if (::gmtime_r(&time, &parts) == nullptr) return "?";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string sender_of(const ListedMessage& message) {
  const auto& path = message.envelope.sender;
  if (!message.envelope_whole) return "?";
  return path.is_null() ? "<>" : clean(path.local + "@" + path.domain);
}

std::string owed_of(const ListedMessage& message) {
  std::string all;
  for (const auto& recipient : message.recipients) {
    if (recipient.owed) all += (all.empty() ? "" : ",") + clean(recipient.address);
  }
  return all.empty() ? "?" : all;
}

std::string_view state_of(const spool::ListedRecipient& recipient) {
  if (recipient.owed) return recipient.answered ? "deferred" : "owed";
  return recipient.last.kind == spool::Verdict::Kind::delivered ? "delivered" : "failed";
}

std::string client_of(const mail::Envelope& envelope) {
  return envelope.client.is_unspecified() ? "" : envelope.client.text();
}

nlohmann::json json_of(const ShardContent& shard, const ListedMessage& message) {
  auto recipients = nlohmann::json::array();
  for (const auto& recipient : message.recipients) {
    nlohmann::json one{{"address", recipient.address}, {"state", state_of(recipient)}};
    if (recipient.answered) {
      one["code"] = recipient.last.code;
      one["status"] = recipient.last.status;
      one["text"] = recipient.last.text;
      one["host"] = recipient.last.host;
    }
    recipients.push_back(std::move(one));
  }
  return {{"id", spool::text(message.id)},
          {"core", shard.shard},
          {"state", spool::name_of(message.state)},
          {"sender", message.envelope.sender.is_null()
                         ? ""
                         : message.envelope.sender.local + "@" + message.envelope.sender.domain},
          {"recipients", std::move(recipients)},
          {"bytes", message.size},
          {"arrived", date(message.born)},
          {"attempts", message.attempts},
          {"next_attempt", date(message.next)},
          {"last_words", message.last_words},
          {"client", client_of(message.envelope)},
          {"helo", message.envelope.helo},
          {"tls", message.envelope.tls_version}};
}

unsigned long long number(std::uint64_t value) {
  return value;
}

}  // namespace

void print_list(const std::vector<ShardContent>& shards, std::FILE* out) {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  for (const auto& shard : shards) {
    for (const auto& message : shard.messages) {
      if (messages++ == 0) {
        std::fprintf(out, "%-16s  %-9s  %-20s  %10s  %8s  %-20s  %s -> %s\n", "ID", "STATE", "ARRIVED",
                     "BYTES", "ATTEMPTS", "NEXT", "FROM", "TO");
      }
      bytes += message.size;
      std::fprintf(out, "%s  %-9s  %-20s  %10llu  %8u  %-20s  %s -> %s\n", spool::text(message.id).c_str(),
                   std::string(spool::name_of(message.state)).c_str(), date(message.born).c_str(),
                   number(message.size), message.attempts, date(message.next).c_str(),
                   sender_of(message).c_str(), owed_of(message).c_str());
      if (!message.last_words.empty()) std::fprintf(out, "%18s%s\n", "", clean(message.last_words).c_str());
    }
  }
  if (messages == 0) {
    std::fprintf(out, "the queue is empty\n");
  } else {
    std::fprintf(out, "%llu message(s), %llu bytes\n", number(messages), number(bytes));
  }
}

void print_list_json(const std::vector<ShardContent>& shards, std::FILE* out) {
  auto all = nlohmann::json::array();
  for (const auto& shard : shards) {
    for (const auto& message : shard.messages) all.push_back(json_of(shard, message));
  }
  // What a sender put there need not be UTF-8.
  const auto text = all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::fprintf(out, "%s\n", text.c_str());
}

void print_message(const ShardContent& shard, const ListedMessage& message, std::FILE* out) {
  const auto& envelope = message.envelope;
  const auto line = [out](const char* name, const std::string& value) {
    if (!value.empty()) std::fprintf(out, "%-13s %s\n", name, clean(value).c_str());
  };
  line("id", spool::text(message.id));
  line("state", std::string(spool::name_of(message.state)));
  line("core", std::to_string(shard.shard));
  line("arrived", date(message.born));
  line("from", sender_of(message));
  line("bytes", std::to_string(message.size));
  line("client", client_of(envelope));
  line("helo", envelope.helo);
  line("tls", envelope.tls_version + (envelope.tls_cipher.empty() ? "" : " " + envelope.tls_cipher));
  line("envelope id", envelope.envelope_id);
  line("attempts", std::to_string(message.attempts));
  line("next attempt", date(message.next));
  line("last words", message.last_words);
  for (const auto& recipient : message.recipients) {
    line("to", recipient.address + " (" + std::string(state_of(recipient)) + ")");
    if (recipient.answered) {
      line("", "  " + recipient.last.host + ": " + std::to_string(recipient.last.code) + " " +
                   recipient.last.status + " " + recipient.last.text);
    }
  }
  for (const auto& part : message.parts) {
    line("record", shard.directory + "/" + spool::segment_file_name(part.segment) + " at " +
                       std::to_string(part.offset) + ", " + std::to_string(part.length) + " bytes");
  }
}

bool print_check(const std::vector<ShardContent>& shards, std::FILE* out) {
  bool fine = true;
  for (const auto& shard : shards) {
    for (const auto& damage : shard.damages) {
      std::fprintf(out, "%s/%s at %llu: %llu bytes: %s\n", shard.directory.c_str(),
                   spool::segment_file_name(damage.segment).c_str(), number(damage.offset),
                   number(damage.length), std::string(damage.what).c_str());
    }
    std::size_t damaged = 0;
    for (const auto& message : shard.messages) {
      if (message.state != ListedMessage::State::damaged) continue;
      ++damaged;
      std::fprintf(out, "message %s from %s to %s is damaged\n", spool::text(message.id).c_str(),
                   sender_of(message).c_str(), owed_of(message).c_str());
    }
    if (shard.unreadable != 0) {
      std::fprintf(out, "%s: the disk does not give %llu bytes\n", shard.directory.c_str(),
                   number(shard.unreadable));
    }
    std::fprintf(out,
                 "core %zu: %llu segment(s), %llu bytes, %llu record(s), %zu message(s), %zu damaged, %zu "
                 "never finished\n",
                 shard.shard, number(shard.segments), number(shard.bytes), number(shard.records),
                 shard.messages.size(), damaged, shard.incomplete);
    fine = fine && shard.damages.empty() && damaged == 0 && shard.unreadable == 0;
  }
  std::fprintf(out, fine ? "nothing is damaged\n" : "something is damaged\n");
  return fine;
}

}  // namespace postern::tools
