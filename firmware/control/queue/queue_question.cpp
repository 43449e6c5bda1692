#include "firmware/control/queue/queue_question.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

namespace {

using ipc::QueueVerb;

constexpr std::array<std::string_view, 4> kStates{"waiting", "under way", "held", "damaged"};
constexpr std::uint32_t kShown = 50;
constexpr std::uint32_t kMostShown = 5000;
constexpr std::size_t kMostIds = 10'000;

struct VerbRow {
  std::string_view name;
  QueueVerb verb;
};
constexpr std::array<VerbRow, 9> kVerbs{{{"queue.list", QueueVerb::list},
                                         {"queue.groups", QueueVerb::list},
                                         {"queue.show", QueueVerb::list},
                                         {"queue.hold", QueueVerb::hold},
                                         {"queue.release", QueueVerb::release},
                                         {"queue.retry", QueueVerb::retry},
                                         {"queue.reroute", QueueVerb::reroute},
                                         {"queue.bounce", QueueVerb::bounce},
                                         {"queue.drop", QueueVerb::drop}}};

std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<void, Fault> read_ids(const nlohmann::json& question, QueueWish& wish) {
  std::vector<std::string> texts;
  if (question.contains("ids")) texts = question.at("ids").get<std::vector<std::string>>();
  if (question.contains("id")) texts.push_back(question.at("id").get<std::string>());
  wish.by_id = question.contains("ids") || question.contains("id");
  if (texts.size() > kMostIds) return fault("that are more than 10,000 ids");
  for (const auto& text : texts) {
    const auto id = read_hex(text);
    if (!id || *id == 0) return fault("'" + text + "' is no spool id: it has 16 hexadecimal digits");
    wish.ids.push_back(*id);
  }
  return {};
}

Result<void, Fault> read_filters(const nlohmann::json& question, ipc::QueueAsk& ask) {
  const auto text = [&](const char* name) { return question.value(name, std::string()); };
  ask.to_domain = ipc::lower(text("domain"));
  ask.to = ipc::lower(text("recipient"));
  ask.reason = text("reason");
  if (question.contains("sender")) {
    const auto from = text("sender");
    ask.any_from = false;
    ask.from = from == "<>" ? "" : ipc::lower(from);
  }
  if (const auto state = text("state"); !state.empty()) {
    const auto found = std::find(kStates.begin(), kStates.end(), state);
    if (found == kStates.end()) return fault("a state is waiting, under way, held or damaged");
    ask.state = static_cast<std::uint8_t>(found - kStates.begin());
  }
  if (const auto older = text("older"); !older.empty()) {
    const auto age = ipc::read_duration(older);
    if (!age || *age < Duration{0}) return fault("older has to be a time like 30m, 12h or 2d");
    ask.older_ns = static_cast<std::uint64_t>(age->count());
  }
  return {};
}

// "192.0.2.1:25", "[2001:db8::1]:25", or an address alone; "domain" takes an earlier way back.
Result<std::string, Fault> read_route(const std::string& text) {
  if (text == "domain") return std::string();
  const auto place = ipc::read_host_port(text, 25);
  if (!place || !place->endpoint())
    return fault("to needs the address of a server, such as 192.0.2.25:25, or the word domain, not '" + text +
                 "'");
  return place->text();
}

}  // namespace

Result<QueueWish, Fault> read_queue_wish(const nlohmann::json& question, std::string_view who, WallTime now) {
  const auto command = question.value("command", std::string());
  const auto row =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbRow& one) { return one.name == command; });
  if (row == kVerbs.end()) return fault("unknown command '" + command + "'");
  QueueWish wish;
  auto& ask = wish.ask;
  ask.verb = row->verb;
  ask.act = ask.verb != QueueVerb::list && !question.value("dry_run", false);
  ask.who = who;
  if (const auto comment = question.value("comment", std::string()); !comment.empty())
    ask.who += ": " + comment;
  ask.asked_wall_ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
  if (auto read = read_ids(question, wish); !read) return tl::unexpected(read.error());
  if (auto read = read_filters(question, ask); !read) return tl::unexpected(read.error());
  ask.show = std::min(question.value("most", kShown), kMostShown);
  if (command == "queue.groups") {
    wish.by = question.value("by", std::string("domain"));
    ask.show = kMostShown;
  }
  wish.whole = command == "queue.show";
  if (wish.whole && wish.ids.size() != 1) return fault("which message? its id is missing");
  if (ask.verb == QueueVerb::reroute) {
    auto route = read_route(question.value("to", std::string()));
    if (!route) return tl::unexpected(route.error());
    ask.route = std::move(*route);
  }
  if (const auto after = question.value("after", std::string()); !after.empty()) {
    const auto place = read_hex(after);
    if (!place) return fault("after is a place that an earlier answer gave");
    wish.shard = static_cast<std::uint32_t>(*place >> 32);
    wish.cursor = static_cast<std::uint32_t>(*place);
  }
  return wish;
}

std::string queue_place(std::uint32_t shard, std::uint32_t cursor) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", shard, cursor);
  return text.data();
}

std::string_view queue_state(std::uint8_t state) {
  return kStates[std::min<std::size_t>(state, kStates.size() - 1)];
}

}  // namespace postern::control
