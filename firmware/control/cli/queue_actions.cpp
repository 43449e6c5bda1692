#include "firmware/control/cli/queue_actions.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "firmware/control/cli/queue_filter.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

constexpr int kPatienceSeconds = 65;

struct Action {
  std::string_view name;
  std::string_view done;  // "... 3 messages"
};
constexpr std::array<Action, 6> kActions{{{"hold", "held"},
                                          {"release", "released"},
                                          {"retry", "tried now"},
                                          {"reroute", "sent another way"},
                                          {"bounce", "given back"},
                                          {"drop", "dropped"}}};

const Action* find(const std::string& what) {
  for (const auto& action : kActions) {
    if (action.name == what) return &action;
  }
  return nullptr;
}

// Who types: the one who became root, where that can be told.
std::string user_name() {
  if (const char* name = std::getenv("SUDO_USER"); name != nullptr && *name != 0) return name;
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : "user " + std::to_string(::getuid());
}

std::string count_text(std::uint64_t count) {
  return with_separators(count) + (count == 1 ? " message" : " messages");
}

std::string first_recipient(const Json& message) {
  const auto& list = message.at("recipients");
  const auto owed = message.value("owed", std::uint64_t{1});
  if (list.empty()) return "";
  return list.at(0).value("address", "") + (owed > 1 ? " +" + std::to_string(owed - 1) : "");
}

void print_messages(const Invocation& invocation, const Json& messages) {
  Table table(
      {{"ID"}, {"STATE"}, {"FROM", Table::Align::left, 28}, {"TO", Table::Align::left, 28}, {"LAST REPLY"}});
  for (const auto& one : messages) {
    const auto from = one.value("from", "");
    table.add({one.value("id", ""), one.value("state", ""), from.empty() ? "<>" : from, first_recipient(one),
               one.value("last", "")});
  }
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
}

int tell(const Invocation& invocation, const Json& answer, const Action& action) {
  const auto changed = answer.value("changed", std::uint64_t{0});
  const auto busy = answer.value("busy", std::uint64_t{0});
  const auto& examples = answer.at("examples");
  if (answer.value("matched", std::uint64_t{0}) == 0) {
    std::fputs("No message in the queue is like that.\n", stdout);
    return kFailed;
  }
  print_messages(invocation, examples);
  const bool dry = answer.value("dry_run", true);
  std::printf("\n%s %s %s", count_text(changed).c_str(),
              dry            ? "would be"
              : changed == 1 ? "was"
                             : "were",
              std::string(action.done).c_str());
  if (changed + busy > examples.size()) std::printf(", the first %zu shown", examples.size());
  std::printf("%s\n", dry && changed != 0 ? "; nothing was done yet: add --yes" : "");
  if (busy != 0)
    std::printf("%s not: under way, or held, or damaged\n",
                (count_text(busy) + (dry ? " would" : "")).c_str());
  return busy != 0 && changed == 0 ? kFailed : kDone;
}

}  // namespace

bool is_queue_action(const std::string& what) {
  return find(what) != nullptr;
}

Result<Json, Fault> queue_action_question(const Invocation& invocation, const std::string& what) {
  const auto given = [&](const char* name) { return invocation.given.count(name) != 0; };
  if (const auto filter = read_queue_filter(invocation); !filter) return tl::unexpected(filter.error());
  Json question{{"command", "queue." + what}, {"dry_run", !given("--yes")}};
  static constexpr std::array<std::pair<const char*, const char*>, 7> kOptions{{{"--to-domain", "domain"},
                                                                                {"--to", "recipient"},
                                                                                {"--from", "sender"},
                                                                                {"--older", "older"},
                                                                                {"--reason", "reason"},
                                                                                {"--via", "to"},
                                                                                {"--comment", "comment"}}};
  for (const auto& [option, name] : kOptions) {
    if (given(option)) question[name] = invocation.given.at(option);
  }
  // IDs as words or behind --id, whichever people try.
  Json ids = Json::array();
  for (std::size_t i = 1; i < invocation.words.size(); ++i) ids.push_back(invocation.words[i]);
  if (given("--id")) {
    for (const auto one : ipc::split_list(invocation.given.at("--id"), ',')) ids.push_back(std::string(one));
  }
  if (!ids.empty()) question["ids"] = ids;
  const bool filtered = !ids.empty() || given("--to-domain") || given("--to") || given("--from") ||
                        given("--older") || given("--reason");
  if (!filtered && !given("--all"))
    return fault("which messages? Name ids or a filter (postern queue --help), or say --all");
  if (what == "reroute" && !given("--via"))
    return fault("which way? --via 192.0.2.25:25, or --via domain to take an earlier one back");
  if (what != "reroute" && given("--via")) return fault("--via belongs to 'queue reroute'");
  question["actor"] = {{"name", user_name()}, {"source", "cli"}};
  return question;
}

int queue_action(const Invocation& invocation, const std::string& what) {
  const auto* action = find(what);
  const auto question = queue_action_question(invocation, what);
  if (!question) return complain(question.error().reason, kUsage);
  const auto reply = ask(invocation, *question, kPatienceSeconds);
  if (reply.status != kDone) return reply.status;
  return invocation.json ? print(reply.json) : tell(invocation, reply.json, *action);
}

}  // namespace postern::control::cli
