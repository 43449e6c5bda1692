// Long work as something one can look at: see the header.
#include "firmware/control/admin/jobs/jobs.hpp"

#include <algorithm>

#include "firmware/control/admin/api/call.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "platform/clock/clock.hpp"

namespace postern::admin {

namespace {

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
}

}  // namespace

struct Jobs::Job final : Progress {
  Jobs* owner = nullptr;
  std::string id;
  std::string kind;
  std::string subject;
  std::string user;
  std::string state = "waiting";
  std::string step;
  std::string error;
  double share = 0;
  std::int64_t began = 0;
  std::int64_t ended = 0;
  Json result;
  Work work;
  std::atomic<bool> over{false};

  void say(double done, const std::string& text) override {
    Json event;
    {
      const std::lock_guard lock(owner->mutex_);
      share = done;
      step = text;
      event = owner->json_of(*this);
    }
    owner->publish_("job", event);
  }
  bool given_up() const override { return over; }
  bool open() const { return ended == 0; }
};

Jobs::Jobs(Publish publish, std::size_t threads) : publish_(std::move(publish)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& job : jobs_) job->over = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Json Jobs::begin(const std::string& kind, const std::string& subject, const std::string& user, Work work) {
  auto job = std::make_shared<Job>();
  job->owner = this;
  job->id = make_id();
  job->kind = kind;
  job->subject = subject;
  job->user = user;
  job->began = wall_seconds();
  job->work = std::move(work);
  const std::lock_guard lock(mutex_);
  for (const auto& other : jobs_) {
    if (other->kind == kind && other->subject == subject && other->open()) return json_of(*other);
  }
  if (waiting_.size() >= kMostWaiting)
    throw Problem(429, "too_many", "too many jobs wait: try again later", {}, 30);
  jobs_.push_front(job);
  if (jobs_.size() > kKept && !jobs_.back()->open()) jobs_.pop_back();
  waiting_.push_back(job);
  wake_.notify_one();
  return json_of(*job);
}

void Jobs::run() {
  while (true) {
    std::shared_ptr<Job> job;
    Work work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      job = waiting_.front();
      waiting_.pop_front();
      if (!job->open()) continue;
      job->state = "running";
      work = std::move(job->work);
    }
    job->say(0, "begins");
    try {
      auto result = work(*job);
      finish(*job, job->over ? "cancelled" : "done", std::move(result), {});
    } catch (const Problem& problem) {
      finish(*job, "failed", {}, problem.detail);
    } catch (const std::exception& error) {
      finish(*job, "failed", {}, error.what());
    }
  }
}

void Jobs::finish(Job& job, const char* state, Json result, const std::string& error) {
  Json event;
  {
    const std::lock_guard lock(mutex_);
    if (!job.open()) return;
    job.state = state;
    job.share = 1;
    job.ended = wall_seconds();
    job.result = std::move(result);
    job.error = error;
    event = json_of(job);
  }
  publish_("job", event);
}

Json Jobs::json_of(const Job& job) const {
  Json json{{"id", job.id},          {"kind", job.kind}, {"subject", job.subject},      {"state", job.state},
            {"progress", job.share}, {"step", job.step}, {"began", time_of(job.began)}, {"user", job.user}};
  if (job.ended != 0) json["ended"] = time_of(job.ended);
  if (!job.result.is_null()) json["result"] = job.result;
  if (!job.error.empty()) json["error"] = job.error;
  return json;
}

Json Jobs::list() const {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& job : jobs_) {
    list.push_back(json_of(*job));
    list.back().erase("result");
  }
  return list;
}

Json Jobs::get(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job->id == id) return json_of(*job);
  }
  throw unknown("there is no such job (any more)");
}

std::string Jobs::running(const std::string& kind, const std::string& subject) const {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job->kind == kind && job->subject == subject && job->open()) return job->id;
  }
  return {};
}

void Jobs::cancel(const std::string& id) {
  std::shared_ptr<Job> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& job : jobs_) {
      if (job->id == id) found = job;
    }
    if (!found) throw unknown("there is no such job (any more)");
    found->over = true;
  }
  finish(*found, "cancelled", {}, "given up");
}

}  // namespace postern::admin
