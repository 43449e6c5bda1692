// `postern log`: what became of each message.
#include <poll.h>

#include <cstdio>

#include "firmware/control/cli/log_table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

constexpr std::uint64_t kShown = 20;
constexpr std::uint64_t kMost = 1000;
constexpr int kEveryMilliseconds = 500;

Colour colour_of(const std::string& result) {
  if (result == "delivered") return Colour::green;
  if (result == "deferred") return Colour::yellow;
  if (result == "bounced" || result == "refused") return Colour::red;
  return Colour::none;
}

std::string addressee(const Json& outcome) {
  const auto others = outcome.value("recipients", std::uint64_t{1});
  return outcome.value("to", "") + (others > 1 ? " +" + std::to_string(others - 1) : "");
}

// Prints what is new; gives the number of the newest.
std::uint64_t show(const Invocation& invocation, const Json& reply, bool head) {
  const auto& outcomes = reply["outcomes"];
  if (invocation.json) {
    for (const auto& one : outcomes)
      std::printf("%s\n", one.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  } else if (!outcomes.empty() || head) {
    auto text = outcome_table(outcomes, invocation.cut()).text(invocation.cut(), invocation.colour);
    if (!head) text.erase(0, text.find('\n') + 1);
    std::fputs(text.c_str(), stdout);
  }
  std::fflush(stdout);
  return outcomes.empty() ? reply.value("last", std::uint64_t{0})
                          : outcomes.back().value("number", std::uint64_t{0});
}

}  // namespace

Table outcome_table(const Json& outcomes, std::size_t width) {
  // On a narrow terminal the id and long addresses give way to the reply, which says most when something went
  // wrong.
  const bool narrow = width != 0 && width < 100;
  const std::size_t address = width == 0 ? 0 : width >= 132 ? 32 : width >= 110 ? 24 : narrow ? 17 : 18;
  // Fixed widths, so that lines that come later stand below those that came before.
  const auto fixed = [&](std::string text, std::size_t least) {
    text.resize(std::max(text.size(), width == 0 ? 0 : least), ' ');
    return text;
  };
  std::vector<Table::Column> columns{{fixed("TIME", 8)},
                                     {fixed("RESULT", 9)},
                                     {fixed("FROM", address), Table::Align::left, address},
                                     {fixed("TO", address), Table::Align::left, address},
                                     {fixed("TLS", 3)}};
  if (!narrow) columns.push_back({fixed("ID", 16)});
  columns.push_back({"REPLY"});
  Table table(std::move(columns));
  for (const auto& one : outcomes) {
    const auto result = one.value("result", "");
    const auto time = one.value("time", "");
    auto tls = one.value("tls", "");
    if (width != 0 && tls.starts_with("TLSv")) tls.erase(0, 4);
    const auto from = one.value("from", "");
    std::vector<std::string> cells{width != 0 && time.size() > 19 ? time.substr(11, 8) : time, result,
                                   from.empty() ? "<>" : from, addressee(one), tls.empty() ? "-" : tls};
    if (!narrow) cells.push_back(one.value("id", ""));
    cells.push_back(one.value("reply", ""));
    table.add(std::move(cells), colour_of(result));
  }
  return table;
}

int log_command(const Invocation& invocation) {
  std::uint64_t shown = kShown;
  if (const auto given = invocation.given.find("-n"); given != invocation.given.end()) {
    const auto number = ipc::read_integer(given->second);
    if (!number || *number > kMost)
      return complain("-n needs a whole number up to 1000, not '" + given->second + "'", kUsage);
    shown = *number;
  }
  auto reply = ask(invocation, {{"command", "outcomes"}, {"after", 0}, {"most", shown}});
  if (reply.status != kDone) return reply.status;
  auto last = show(invocation, reply.json, true);
  if (shown == 0) last = reply.json.value("last", std::uint64_t{0});
  if (invocation.given.count("-f") == 0) return kDone;
  while (true) {
    ::poll(nullptr, 0, kEveryMilliseconds);
    reply = ask(invocation, {{"command", "outcomes"}, {"after", last}, {"most", kMost}});
    if (reply.status != kDone) return reply.status;
    // A control that was restarted counts from one again.
    if (reply.json.value("last", std::uint64_t{0}) < last) last = 0;
    last = std::max(last, show(invocation, reply.json, false));
  }
}

}  // namespace postern::control::cli
