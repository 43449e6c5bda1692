// The figures of the dashboard: see the header.
#include "firmware/control/admin/figures/figures.hpp"

#include <algorithm>
#include <array>

#include "firmware/control/admin/api/call.hpp"
#include "platform/clock/clock.hpp"

namespace postern::admin {

namespace {

constexpr std::size_t kRemembered = 5000;
constexpr std::size_t kLogRemembered = 2000;
constexpr std::size_t kMostDeferring = 1000;
constexpr std::size_t kTopDeferring = 10;
constexpr std::uint64_t kStatusEvery = 5;  // looks
constexpr std::int64_t kDay = 86400;

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
}

std::uint64_t count_of(const Json& counters, const char* room, const char* name) {
  const auto in_room = counters.find(room);
  if (in_room == counters.end()) return 0;
  const auto one = in_room->find(name);
  return one == in_room->end() ? 0 : one->value("total", std::uint64_t{0});
}

double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return seconds <= 0 || now < before ? 0 : static_cast<double>(now - before) / seconds;
}

std::uint64_t refused_of(const Json& counters) {
  std::uint64_t sum = 0;
  const auto smtp = counters.value("smtp", Json::object());
  for (const auto& [name, value] : smtp.items()) {
    if (name.starts_with("refused_")) sum += value.value("total", std::uint64_t{0});
  }
  return sum;
}

Json cores_of(const Json& before, const Json& now, double seconds) {
  Json cores = Json::array();
  const auto busy = [](const Json& counters) {
    return counters.value("dataplane", Json::object())
        .value("busy_ns", Json::object())
        .value("shards", std::vector<std::uint64_t>{});
  };
  const auto old_ns = busy(before);
  const auto new_ns = busy(now);
  for (std::size_t i = 0; i < new_ns.size(); ++i) {
    const auto share = i < old_ns.size() ? rate(old_ns[i], new_ns[i], seconds) / 1e9 : 0;
    cores.push_back({{"core", i}, {"busy", std::min(share, 1.0)}});
  }
  return cores;
}

}  // namespace

int level_of(const std::string& name) {
  constexpr std::array<std::string_view, 5> kNames{"error", "warning", "notice", "info", "debug"};
  const auto* at = std::find(kNames.begin(), kNames.end(), name);
  return static_cast<int>(at - kNames.begin());
}

std::string protection_of(const Json& outcome) {
  const auto why = outcome.value("why", "");
  if (outcome.value("tls", "").empty()) return "none";
  if (why.find("dane") != std::string::npos || why.find("TLSA") != std::string::npos) return "dane";
  if (why.find("sts") != std::string::npos || why.find("STS") != std::string::npos) return "mta_sts";
  return why.empty() || why.find("opportunistic") != std::string::npos ? "opportunistic" : "other";
}

Json figures_of(const Json& before, const Json& now, const Json& status) {
  const auto& old_counters = before.value("counters", Json::object());
  const auto& counters = now.value("counters", Json::object());
  const auto old_ns = before.value("time_ns", std::uint64_t{0});
  const auto new_ns = now.value("time_ns", std::uint64_t{0});
  const double seconds = old_ns == 0 || new_ns <= old_ns ? 0 : static_cast<double>(new_ns - old_ns) / 1e9;
  const auto per_second = [&](const char* name) {
    return rate(count_of(old_counters, "shard", name), count_of(counters, "shard", name), seconds);
  };
  const auto plane = status.value("dataplane", Json::object());
  return {{"in_per_second", per_second("messages_accepted")},
          {"out_per_second", per_second("messages_delivered")},
          {"accepted", count_of(counters, "shard", "messages_accepted")},
          {"delivered", count_of(counters, "shard", "messages_delivered")},
          {"deferred", count_of(counters, "shard", "messages_deferred")},
          {"bounced", count_of(counters, "shard", "messages_bounced")},
          {"refused", refused_of(counters)},
          {"connections", count_of(counters, "shard", "sessions_in_open") +
                              count_of(counters, "shard", "sessions_out_open")},
          {"queue", count_of(counters, "dataplane", "queue_messages")},
          {"cores", cores_of(old_counters, counters, seconds)},
          {"dataplane", plane.value("phase", plane.value("state", "unknown"))},
          {"generation", plane.value("published_generation", std::uint64_t{0})},
          {"all_at_generation", plane.value("all_at_generation", false)},
          {"warnings", status.value("warnings", Json::array())}};
}

Figures::~Figures() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Figures::start() {
  thread_ = std::thread([this] { run(); });
}

void Figures::run() {
  while (true) {
    look(wall_seconds());
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::seconds(1), [this] { return ending_; })) return;
  }
}

// An empty object where control does not answer: the page says so, the loop goes on.
Json Figures::ask(const char* command) {
  try {
    return door_.ask({{"command", command}});
  } catch (const Problem&) {
    return Json::object();
  }
}

void Figures::look(std::int64_t now) {
  try {
    if (looks_++ % kStatusEvery == 0) take_state();
    take_outcomes();
    take_log();
    take_counters(now);
  } catch (const nlohmann::json::exception&) {
    // An answer of another shape than we know: there is nothing to show of it.
  }
}

void Figures::take_counters(std::int64_t now) {
  const auto fresh = ask("counters");
  Json event;
  {
    const std::lock_guard lock(mutex_);
    auto figures = figures_of(counters_, fresh, status_);
    figures["ready"] = !fresh.empty();
    figures["time"] = time_of(now);
    if (now / kDay != day_) today_.clear(), tls_.clear(), deferring_.clear(), day_ = now / kDay;
    for (const auto* name : {"accepted", "delivered", "deferred", "bounced", "refused"})
      figures["today"][name] = today_[name];
    for (const auto* name : {"dane", "mta_sts", "opportunistic", "none", "other"})
      figures["tls"][name] = tls_[name];
    std::vector<std::pair<std::string, std::uint64_t>> top(deferring_.begin(), deferring_.end());
    std::sort(top.begin(), top.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (top.size() > kTopDeferring) top.resize(kTopDeferring);
    figures["top_deferring"] = Json::array();
    for (const auto& [domain, count] : top)
      figures["top_deferring"].push_back({{"domain", domain}, {"count", count}});
    figures["confirm"] = state_.is_object() ? state_.value("confirm", Json()) : Json();
    counters_ = fresh;
    now_ = event = figures;
    std::map<std::string, double> points;
    for (const auto* name : {"in_per_second", "out_per_second", "connections", "queue"})
      points[name] = figures[name].get<double>();
    double busy = 0;
    for (const auto& core : figures["cores"]) busy = std::max(busy, core["busy"].get<double>());
    points["busiest_core"] = busy;
    if (!fresh.empty()) series_.add(now, points);
  }
  publish_("figures", event);
}

void Figures::count_outcome(const Json& outcome, std::int64_t) {
  const auto result = outcome.value("result", "");
  ++today_[result];
  const auto domain = outcome.value("domain", "");
  if (result == "delivered" && !domain.empty()) ++tls_[protection_of(outcome)];
  if (result == "deferred" && !domain.empty() && deferring_.size() < kMostDeferring) ++deferring_[domain];
}

void Figures::take_outcomes() {
  Json answer;
  try {
    answer = door_.ask({{"command", "outcomes"}, {"after", last_outcome_}, {"most", 1000}});
  } catch (const Problem&) {
    return;
  }
  const auto last = answer.value("last", std::uint64_t{0});
  if (last < last_outcome_) last_outcome_ = 0;  // control has begun anew
  for (const auto& one : answer.value("outcomes", Json::array())) {
    {
      const std::lock_guard lock(mutex_);
      last_outcome_ = std::max(last_outcome_, one.value("number", std::uint64_t{0}));
      count_outcome(one, day_);
      outcomes_.push_front(one);
      if (outcomes_.size() > kRemembered) outcomes_.pop_back();
    }
    publish_("outcome", one);
  }
}

void Figures::take_log() {
  if (!log_is_there_) return;
  Json answer;
  try {
    answer = door_.ask({{"command", "log"}, {"after", last_log_}, {"most", 500}});
  } catch (const Problem& problem) {
    if (problem.type == "not_available" && problem.detail.find("yet") != std::string::npos)
      log_is_there_ = false;
    return;
  }
  if (answer.value("last", std::uint64_t{0}) < last_log_) last_log_ = 0;
  for (const auto& one : answer.value("lines", Json::array())) {
    {
      const std::lock_guard lock(mutex_);
      last_log_ = std::max(last_log_, one.value("number", std::uint64_t{0}));
      log_.push_back(one);
      if (log_.size() > kLogRemembered) log_.pop_front();
    }
    publish_("log", one);
  }
}

void Figures::take_state() {
  auto status = ask("status");
  status.erase("counters");
  const auto state = ask("settings.state");
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    changed = state != state_;
    state_ = state;
  }
  if (changed && !state.empty()) publish_("settings", state);
}

Json Figures::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

Json Figures::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Json Figures::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

std::vector<Json> Figures::outcomes() const {
  const std::lock_guard lock(mutex_);
  return {outcomes_.begin(), outcomes_.end()};
}

Json Figures::history(const std::string& name, const std::string& wanted, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  const auto& span = span_of(name);
  Json list = Json::array();
  for (const auto& one : series_.names()) {
    if (!wanted.empty() && ("," + wanted + ",").find("," + one + ",") == std::string::npos) continue;
    Json points = Json::array();
    for (const auto& point : series_.points(one, span, now)) points.push_back(point ? Json(*point) : Json());
    list.push_back({{"name", one}, {"points", std::move(points)}});
  }
  const auto begin = (now / span.step - static_cast<std::int64_t>(span.points) + 1) * span.step;
  return {{"step_seconds", span.step}, {"begin", time_of(begin)}, {"series", std::move(list)}};
}

Json Figures::log_lines(std::uint64_t after, std::size_t most, const std::string& level,
                        const std::string& text) const {
  const std::lock_guard lock(mutex_);
  if (!log_is_there_) throw not_available("this box does not show its log here yet");
  std::deque<Json> found;
  const int least = level.empty() ? 99 : level_of(level);
  for (const auto& line : log_) {
    if (line.value("number", std::uint64_t{0}) <= after || level_of(line.value("level", "")) > least)
      continue;
    if (!text.empty() && line.value("text", "").find(text) == std::string::npos) continue;
    found.push_back(line);
    if (found.size() > most) found.pop_front();
  }
  return {{"lines", std::vector<Json>(found.begin(), found.end())}, {"last", last_log_}};
}

}  // namespace postern::admin
