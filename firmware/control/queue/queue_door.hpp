// The verbs queue.* of the door: asks the shards one after the other, a piece at a time, and puts the pieces
// together.
//
// The data plane answers later, so a question is asked again by the door until there is an answer. Nothing of
// the queue is kept here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/queue/queue_question.hpp"
#include "firmware/ipc/queue.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

class QueueDoor {
 public:
  using Json = nlohmann::ordered_json;
  // False where the line has no room now.
  using Send = std::function<bool(const ipc::QueueAsk&)>;
  static constexpr std::size_t kMostJobs = 8;

  explicit QueueDoor(Send send) : send_(std::move(send)) {}

  // `client` tells one who asks from the next; `shards` is 0 while no data plane runs. Nothing: not a verb of
  // the queue. null: not yet, ask again.
  std::optional<Json> answer(const nlohmann::json& question, std::uint64_t client, std::string_view who,
                             std::uint32_t shards, Now now);
  void on_answer(const ipc::QueueAnswer& answer, Instant now);
  // Forgets those who do not ask any more.
  void turn(Instant now);

 private:
  struct Job {
    QueueWish wish;
    std::uint64_t ticket = 0;  // of the piece that was asked for; 0: none
    std::uint32_t shards = 0;
    std::size_t ids_done = 0;  // of the wish's, in this shard
    std::uint32_t matched = 0;
    std::uint32_t changed = 0;
    std::uint32_t busy = 0;
    std::vector<ipc::QueueAnswerEntry> entries;
    std::vector<ipc::QueueAnswerEntry> recipients;
    std::string next_after;
    std::string trouble;
    bool over = false;
    Instant until{};  // an answer has to come by then
    Instant seen{};   // when it was last asked for
  };

  void ask(Job& job, Instant now);
  void take(Job& job, const ipc::QueueAnswer& answer, Instant now);
  void go_on(Job& job, const ipc::QueueAnswer& answer);
  static Json result(const Job& job);

  Send send_;
  std::map<std::uint64_t, Job> jobs_;  // by client
  std::uint64_t last_ticket_ = 0;
};

}  // namespace postern::control
