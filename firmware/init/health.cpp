#include "firmware/init/health.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace postern::init {

namespace {
using Json = nlohmann::json;

std::vector<std::uint64_t> polls_of(const Json& status) {
  const auto at = Json::json_pointer("/counters/dataplane/polls/shards");
  if (!status.contains(at) || !status[at].is_array()) return {};
  std::vector<std::uint64_t> polls;
  for (const auto& one : status[at]) polls.push_back(one.is_number_unsigned() ? one.get<std::uint64_t>() : 0);
  return polls;
}

}  // namespace

Pulse read_pulse(const std::string& answer) {
  const auto status = Json::parse(answer, nullptr, false);
  if (!status.is_object() || status.contains("error")) return {};
  Pulse pulse{.answers = true, .running = false, .polls = polls_of(status)};
  const auto at = Json::json_pointer("/dataplane/phase");
  pulse.running = status.contains(at) && status[at] == "running";
  return pulse;
}

void Heart::take(const Pulse& pulse, Clock::time_point now) {
  if (!pulse.answers) return;
  heard_ = now;
  if (!pulse.running || pulse.polls.empty()) {
    // A data plane that is away stands nowhere still: control starts it again.
    moved_ = now;
    polls_.clear();
    beats_ = false;
    return;
  }
  const bool comparable = polls_.size() == pulse.polls.size();
  const bool moved =
      comparable && std::equal(polls_.begin(), polls_.end(), pulse.polls.begin(), std::not_equal_to<>());
  if (moved || !comparable) moved_ = now;
  if (moved) beats_ = true;
  if (moved || !comparable) polls_ = pulse.polls;
}

std::string Heart::trouble(Clock::time_point now) const {
  if (now - heard_ > kSilence) return "postern-control has not answered for a long time";
  if (heard_ - moved_ > kStandstill) return "a packet core stands still";
  return {};
}

}  // namespace postern::init
