#include "firmware/control/queue/queue_door.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "firmware/control/outcomes/outcome_text.hpp"

namespace postern::control {

namespace {

using Json = QueueDoor::Json;
using ipc::QueueVerb;

constexpr Duration kPatience = std::chrono::seconds(15);
constexpr Duration kForgotten = std::chrono::seconds(5);

std::string id_text(std::uint64_t id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(id));
  return text.data();
}

Json recipient_json(const ipc::QueueAnswerEntry& entry) {
  return {{"address", entry.to}, {"owed", !entry.done}, {"code", entry.attempts}, {"last", entry.last}};
}

// In the words of 'postern queue --json'; of the recipients the first who still has to get it.
Json entry_json(const ipc::QueueAnswerEntry& entry) {
  Json json{{"id", id_text(entry.id)},
            {"state", queue_state(entry.state)},
            {"hold", queue_state(entry.state) == "held"},
            {"from", entry.from},
            {"bytes", entry.bytes},
            {"arrived", time_text(entry.born_wall_ns)},
            {"next", time_text(entry.next_wall_ns == 0 ? entry.born_wall_ns : entry.next_wall_ns)},
            {"attempts", entry.attempts},
            {"last", entry.last},
            {"owed", entry.owed},
            {"route", entry.route},
            {"recipients", Json::array()}};
  if (!entry.to.empty()) json["recipients"].push_back({{"address", entry.to}, {"owed", true}});
  return json;
}

std::string key_of(const ipc::QueueAnswerEntry& entry, const std::string& by) {
  if (by == "reason") return entry.last;
  if (by == "sender") return entry.from;
  if (by == "state") return std::string(queue_state(entry.state));
  const auto at = entry.to.rfind('@');
  return at == std::string::npos ? entry.to : entry.to.substr(at + 1);
}

struct Group {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t oldest = ~std::uint64_t{0};
  std::uint64_t next = ~std::uint64_t{0};
  std::map<std::string, std::uint64_t> reasons;
};

Json group_json(const std::string& key, const Group& group) {
  Json reasons = Json::array();
  for (const auto& [text, count] : group.reasons) reasons.push_back({{"text", text}, {"count", count}});
  return {{"key", key},
          {"messages", group.messages},
          {"bytes", group.bytes},
          {"oldest", time_text(group.oldest)},
          {"next", time_text(group.next)},
          {"reasons", std::move(reasons)}};
}

Json groups_json(const std::vector<ipc::QueueAnswerEntry>& entries, const std::string& by) {
  std::map<std::string, Group> groups;
  for (const auto& entry : entries) {
    auto& group = groups[key_of(entry, by)];
    ++group.messages;
    group.bytes += entry.bytes;
    group.oldest = std::min(group.oldest, entry.born_wall_ns);
    group.next = std::min(group.next, entry.next_wall_ns == 0 ? entry.born_wall_ns : entry.next_wall_ns);
    if (!entry.last.empty() && by != "reason") ++group.reasons[entry.last];
  }
  std::vector<std::pair<std::string, const Group*>> order;
  for (const auto& [key, group] : groups) order.emplace_back(key, &group);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second->messages > b.second->messages; });
  Json list = Json::array();
  for (const auto& [key, group] : order) list.push_back(group_json(key, *group));
  return list;
}

}  // namespace

std::optional<Json> QueueDoor::answer(const nlohmann::json& question, std::uint64_t client,
                                      std::string_view who, std::uint32_t shards, Now now) {
  if (!question.value("command", std::string()).starts_with("queue.")) return std::nullopt;
  auto job = jobs_.find(client);
  if (job == jobs_.end()) {
    if (shards == 0) return Json{{"error", "the data plane does not run: nobody has the queue now"}};
    if (jobs_.size() >= kMostJobs) return Json{{"error", "too many ask about the queue; try again"}};
    auto wish = read_queue_wish(question, who, now.wall);
    if (!wish) return Json{{"error", wish.error().reason}};
    job = jobs_.emplace(client, Job{.wish = std::move(*wish), .shards = shards}).first;
    ask(job->second, now.instant);
  }
  job->second.seen = now.instant;
  if (!job->second.over && now.instant >= job->second.until) {
    job->second.trouble = "the data plane does not answer";
    job->second.over = true;
  }
  if (!job->second.over) return Json();
  auto told = result(job->second);
  jobs_.erase(job);
  return told;
}

void QueueDoor::ask(Job& job, Instant now) {
  auto ask = job.wish.ask;
  ask.ticket = job.ticket = ++last_ticket_;
  ask.shard = job.wish.shard;
  ask.cursor = job.wish.cursor;
  const auto& ids = job.wish.ids;
  if (job.wish.by_id) {
    const auto count = std::min(ids.size() - job.ids_done, ipc::kMostQueueIds);
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(job.ids_done);
    ask.ids.assign(first, first + static_cast<std::ptrdiff_t>(count));
    // None at all would mean every message.
    if (ask.ids.empty()) {
      job.over = true;
      return;
    }
  }
  job.until = now + kPatience;
  if (!send_(ask)) {
    job.trouble = "the data plane is busy, try again";
    job.over = true;
  }
}

void QueueDoor::on_answer(const ipc::QueueAnswer& answer, Instant now) {
  for (auto& [client, job] : jobs_) {
    if (job.ticket == answer.ticket && !job.over) return take(job, answer, now);
  }
}

void QueueDoor::take(Job& job, const ipc::QueueAnswer& answer, Instant now) {
  if (!answer.trouble.empty()) {
    job.trouble = answer.trouble;
    job.over = true;
    return;
  }
  const bool recipients = job.wish.ask.verb == QueueVerb::recipients;
  auto& list = recipients ? job.recipients : job.entries;
  list.insert(list.end(), answer.entries.begin(), answer.entries.end());
  if (!recipients) {
    job.matched += answer.matched;
    job.changed += answer.done;
    job.busy += answer.busy;
    const auto shown = static_cast<std::uint32_t>(answer.entries.size());
    job.wish.ask.show -= std::min(job.wish.ask.show, shown);
    if (job.wish.ask.show == 0 && job.next_after.empty())
      job.next_after = queue_place(job.wish.shard, answer.cursor);
  }
  go_on(job, answer);
  if (!job.over) ask(job, now);
}

// What the next piece is: more of the same, more ids, the next shard, the recipients of the one shown.
void QueueDoor::go_on(Job& job, const ipc::QueueAnswer& answer) {
  auto& wish = job.wish;
  wish.cursor = answer.cursor;
  if (!answer.finished) return;
  wish.cursor = 0;
  if (wish.whole && wish.ask.verb == QueueVerb::list && !job.entries.empty()) {
    wish.ask.verb = QueueVerb::recipients;
    return;
  }
  if (wish.ask.verb == QueueVerb::recipients) {
    job.over = true;
    return;
  }
  job.ids_done += wish.by_id ? ipc::kMostQueueIds : 0;
  if (wish.by_id && job.ids_done < wish.ids.size()) return;
  job.ids_done = 0;
  job.over = ++wish.shard >= job.shards;
}

Json QueueDoor::result(const Job& job) {
  if (!job.trouble.empty()) return {{"error", job.trouble}};
  if (job.wish.whole) {
    if (job.entries.empty())
      return {{"error", "there is no message " + id_text(job.wish.ids.front()) + " in the queue"}};
    auto message = entry_json(job.entries.front());
    message["recipients"] = Json::array();
    for (const auto& entry : job.recipients) message["recipients"].push_back(recipient_json(entry));
    return {{"message", std::move(message)}};
  }
  if (!job.wish.by.empty()) {
    return {{"groups", groups_json(job.entries, job.wish.by)},
            {"total", job.matched},
            {"complete", job.entries.size() == job.matched}};
  }
  Json messages = Json::array();
  for (const auto& entry : job.entries) messages.push_back(entry_json(entry));
  if (job.wish.ask.verb == QueueVerb::list) {
    const bool more = job.matched > job.entries.size();
    return {{"messages", std::move(messages)},
            {"total", job.matched},
            {"matched", job.matched},
            {"next_after", more ? Json(job.next_after) : Json()}};
  }
  return {{"matched", job.matched},
          {"changed", job.changed},
          {"busy", job.busy},
          {"dry_run", !job.wish.ask.act},
          {"examples", std::move(messages)}};
}

void QueueDoor::turn(Instant now) {
  std::erase_if(jobs_, [now](const auto& one) { return now >= one.second.seen + kForgotten; });
}

}  // namespace postern::control
