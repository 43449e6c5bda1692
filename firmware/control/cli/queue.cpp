// `postern queue`: what waits for the office, read from the spool's files, so that it works without the data
// plane.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/queue_actions.hpp"
#include "firmware/control/cli/queue_filter.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "firmware/spool/reader.hpp"

namespace postern::control::cli {

namespace {

using spool::ListedMessage;

constexpr std::size_t kShown = 50;

std::uint64_t ns_of(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

// Where the spool is: as told, as control says, or where it is by default.
std::string spool_directory(const Invocation& invocation) {
  if (const auto given = invocation.given.find("--spool"); given != invocation.given.end())
    return given->second;
  if (::access((invocation.run_directory + "/control.sock").c_str(), F_OK) == 0) {
    const auto reply = ask(invocation, {{"command", "status"}});
    if (reply.status == kDone) return reply.json["settings"].value("spool_directory", "");
  }
  return "/var/spool/postern";
}

Result<std::vector<ListedMessage>, Fault> read_queue(const std::string& directory) {
  std::vector<ListedMessage> all;
  const auto shards = dataplane::shards_in(directory);
  if (!shards) return fault(shards.error().reason + "; is there another spool.directory? (--spool DIR)");
  for (const auto shard : *shards) {
    spool::Reader reader(dataplane::salt_in(directory));
    const auto read = dataplane::read_shard(dataplane::shard_directory(directory, shard), reader);
    if (!read) return tl::unexpected(read.error());
    for (auto& message : reader.messages()) all.push_back(std::move(message));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.born < b.born; });
  return all;
}

std::string state_text(const ListedMessage& message) {
  return std::string(spool::name_of(message.state));
}

std::size_t owed(const ListedMessage& message) {
  return static_cast<std::size_t>(std::count_if(message.recipients.begin(), message.recipients.end(),
                                                [](const auto& one) { return one.owed; }));
}

std::string sender_of(const ListedMessage& message) {
  return message.envelope.sender.is_null() ? "<>" : message.envelope.sender.text();
}

std::string recipients_of(const ListedMessage& message) {
  for (const auto& one : message.recipients) {
    if (one.owed) return one.address + (owed(message) > 1 ? " +" + std::to_string(owed(message) - 1) : "");
  }
  return "";
}

std::string from_now(WallTime time) {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  const auto at = static_cast<std::int64_t>(ns_of(time) / 1'000'000'000);
  return at <= now ? "now" : "in " + since(static_cast<std::uint64_t>(at - now));
}

std::string age(WallTime time) {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  return since(static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, now - static_cast<std::int64_t>(ns_of(time) / 1'000'000'000))));
}

Json message_json(const ListedMessage& message) {
  Json json{{"id", spool::text(message.id)},
            {"state", state_text(message)},
            {"from", message.envelope.sender.text()},
            {"bytes", message.size},
            {"arrived", time_text(ns_of(message.born))},
            {"next", time_text(ns_of(message.next))},
            {"attempts", message.attempts},
            {"last", message.last_words},
            {"client", message.envelope.client.text()},
            {"helo", message.envelope.helo},
            {"tls", message.envelope.tls_version},
            {"recipients", Json::array()}};
  for (const auto& one : message.recipients) {
    json["recipients"].push_back({{"address", one.address},
                                  {"owed", one.owed},
                                  {"code", one.answered ? one.last.code : 0},
                                  {"last", one.last.text}});
  }
  return json;
}

// `all_messages`: how many there are, those left out included.
int list(const Invocation& invocation, const std::vector<ListedMessage>& messages, std::size_t all_messages) {
  if (invocation.json) {
    Json all = Json::array();
    for (const auto& message : messages) all.push_back(message_json(message));
    return print(all);
  }
  if (messages.empty()) {
    std::fputs(all_messages == 0 ? "The queue is empty.\n" : "No message in the queue is like that.\n",
               stdout);
    return kDone;
  }
  const bool everything = invocation.given.count("-a") != 0;
  Table table({{"ID"},
               {"STATE"},
               {"AGE", Table::Align::right},
               {"SIZE", Table::Align::right},
               {"TRIES", Table::Align::right},
               {"NEXT"},
               {"FROM", Table::Align::left, 28},
               {"TO", Table::Align::left, 28},
               {"LAST REPLY"}});
  std::size_t shown = 0;
  for (const auto& message : messages) {
    if (shown++ == kShown && !everything) break;
    table.add({spool::text(message.id), state_text(message), age(message.born),
               short_bytes(static_cast<double>(message.size)), std::to_string(message.attempts),
               message.state == ListedMessage::State::waiting ? from_now(message.next) : "",
               sender_of(message), recipients_of(message), message.last_words},
              message.state == ListedMessage::State::damaged ? Colour::red : Colour::none);
  }
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  std::printf("\n%s %s", with_separators(messages.size()).c_str(),
              messages.size() == 1 ? "message" : "messages");
  if (messages.size() > kShown && !everything) std::printf(", the oldest %zu shown (-a shows all)", kShown);
  if (all_messages > messages.size()) std::printf(" of %s", with_separators(all_messages).c_str());
  std::printf("\n");
  return kDone;
}

int show(const Invocation& invocation, const std::vector<ListedMessage>& messages) {
  if (invocation.words.size() != 2) return complain("which message? postern queue show ID", kUsage);
  const auto id = spool::message_id_of(invocation.words[1]);
  for (const auto& message : messages) {
    if (message.id != id || id == 0) continue;
    if (invocation.json) return print(message_json(message));
    std::printf("%s  %s\n\n", paint(spool::text(message.id), Colour::bold, invocation.colour).c_str(),
                state_text(message).c_str());
    std::printf("  from       %s\n", printable(sender_of(message)).c_str());
    std::printf("  client     %s, which called itself %s%s%s\n", message.envelope.client.text().c_str(),
                printable(message.envelope.helo).c_str(),
                message.envelope.tls_version.empty() ? ", in clear" : ", ",
                message.envelope.tls_version.c_str());
    std::printf("  size       %s\n", short_bytes(static_cast<double>(message.size)).c_str());
    std::printf("  arrived    %s (%s ago)\n", time_text(ns_of(message.born)).c_str(),
                age(message.born).c_str());
    std::printf("  attempts   %u, next %s\n\n", message.attempts, from_now(message.next).c_str());
    for (const auto& one : message.recipients) {
      std::printf("  %s %s\n", one.owed ? "owed   " : "settled", printable(one.address).c_str());
      if (one.answered) std::printf("          %u %s\n", one.last.code, printable(one.last.text).c_str());
    }
    return kDone;
  }
  return complain(
      "there is no message " + invocation.words[1] + " in the queue; it may have been delivered: postern log",
      kFailed);
}

int hurry(const Invocation& invocation) {
  for (const auto* option : {"--to-domain", "--from", "--id", "--older"}) {
    if (invocation.given.count(option) != 0)
      return complain("'queue hurry' means every message: it takes no " + std::string(option), kUsage);
  }
  const auto reply = ask(invocation, {{"command", "hurry"}});
  if (reply.status != kDone) return reply.status;
  if (invocation.json) return print(reply.json);
  std::printf("every queued message is tried now\n");
  return kDone;
}

}  // namespace

int queue_command(const Invocation& invocation) {
  const auto what = invocation.words.empty() ? std::string("list") : invocation.words[0];
  if (is_queue_action(what)) return queue_action(invocation, what);
  for (const auto* option : {"--to", "--reason", "--via", "--comment", "--yes", "--all"}) {
    if (invocation.given.count(option) != 0)
      return complain("'queue " + what + "' takes no " + std::string(option), kUsage);
  }
  if (what == "hurry") return hurry(invocation);
  if (what != "list" && what != "show")
    return complain("there is no 'queue " + what +
                        "'; there are: list, show ID, hurry, hold, release, retry, reroute, bounce, drop",
                    kUsage);
  const auto filter = read_queue_filter(invocation);
  if (!filter) return complain(filter.error().reason, kUsage);
  auto messages = read_queue(spool_directory(invocation));
  if (!messages) return complain(messages.error().reason, kFailed);
  const WallTime now{std::chrono::seconds(std::time(nullptr))};
  const auto all = messages->size();
  std::erase_if(*messages, [&](const auto& one) { return !filter->fits(one, now); });
  return what == "show" ? show(invocation, *messages) : list(invocation, *messages, all);
}

}  // namespace postern::control::cli
