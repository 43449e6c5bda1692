// A thread that looks up domains: see the header.
#include "firmware/control/resolver/service/worker.hpp"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "firmware/control/resolver/dns/anchors.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace postern::resolver {

namespace {

constexpr Duration kLookAround = std::chrono::milliseconds(100);

void ring(int descriptor) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor, &one, sizeof one);
}

}  // namespace

class Worker::Side final : public Asker {
 public:
  Side(std::unique_ptr<DnsContext> context, std::atomic<std::uint64_t>& questions)
      : context_(std::move(context)), questions_(questions) {}
  void ask(const std::string& name, Type type, Done done) override {
    questions_.fetch_add(1, std::memory_order_relaxed);
    context_->ask(name, type, std::move(done));
  }
  void replace(std::unique_ptr<DnsContext> context) { context_ = std::move(context); }

 private:
  std::unique_ptr<DnsContext> context_;
  std::atomic<std::uint64_t>& questions_;
};

void Outbox::put(JobResult result) {
  {
    const std::lock_guard lock(mutex_);
    results_.push_back(std::move(result));
  }
  ring(signal_);
}

std::vector<JobResult> Outbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(results_, {});
}

Worker::Worker(const ServiceOptions& options, std::size_t index, Outbox& outbox)
    : options_(options), index_(index), outbox_(outbox) {}

Result<std::unique_ptr<Worker>, Fault> Worker::create(const ServiceOptions& options, std::size_t index,
                                                      Outbox& outbox) {
  std::unique_ptr<Worker> made(new Worker(options, index, outbox));
  if (auto done = made->make_sides(); !done) return tl::unexpected(done.error());
  auto https = HttpsClient::create(made->loop_.base(), options.lookup.https);
  if (!https) return tl::unexpected(https.error());
  made->https_ = std::move(*https);
  made->wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  made->wake_event_ =
      ::event_new(made->loop_.base(), made->wake_.get(), EV_READ | EV_PERSIST, on_wake, made.get());
  if (!made->wake_ || made->wake_event_ == nullptr || ::event_add(made->wake_event_, nullptr) != 0)
    return fault("cannot make a resolver thread");
  return made;
}

Worker::~Worker() {
  stop_ = true;
  if (wake_) ring(wake_.get());
  if (thread_.joinable()) thread_.join();
  open_.clear();
  if (wake_event_ != nullptr) ::event_free(wake_event_);
}

// Makes the contexts, or makes them anew when a negative anchor has come to its end. RFC 7646 §2.
Result<void, Fault> Worker::make_sides() {
  const auto now = clock::kernel_wall();
  renew_at_ = WallTime::max();
  for (const auto& anchor : options_.lookup.dns.negative_anchors) {
    if (anchor.until > now) renew_at_ = std::min(renew_at_, anchor.until);
  }
  for (std::size_t side = 0; side < 2; ++side) {
    auto dns = options_.lookup.dns;
    if (dns.fixed_anchor_file.empty()) {
      auto file = managed_anchor(options_.directory, 2 * index_ + side, dns.anchor_start);
      if (!file) return tl::unexpected(file.error());
      dns.anchor_file = std::move(*file);
    }
    auto context = DnsContext::create(loop_.base(), dns, now);
    if (!context) return tl::unexpected(context.error());
    if (sides_.size() <= side) {
      sides_.push_back(std::make_unique<Side>(std::move(*context), questions_));
    } else {
      sides_[side]->replace(std::move(*context));
    }
  }
  return {};
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(job));
  }
  ring(wake_.get());
}

void Worker::on_wake(int fd, short, void* mine) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
  static_cast<Worker*>(mine)->take_jobs();
}

void Worker::run() {
  while (!stop_) {
    loop_.turn(kLookAround);
    take_jobs();
    watch_time(clock::kernel_instant());
    renew_when_due();
  }
}

void Worker::take_jobs() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& job : inbox_) waiting_.push_back(std::move(job));
    inbox_.clear();
  }
  while (!waiting_.empty() && running_ < options_.lookups) {
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    begin(std::move(job));
  }
}

void Worker::begin(Job job) {
  const auto began = clock::kernel_instant();
  const auto side = job.side % 2;
  auto lookup = std::make_shared<DomainLookup>(*sides_[side], *https_, clock::kernel_wall,
                                               DomainLookup::Plan{.domain = job.domain,
                                                                  .rules = options_.lookup.rules,
                                                                  .sts = std::move(job.sts),
                                                                  .random = job.random});
  ++running_;
  open_.push_back({lookup, began});
  lookup->start([this, domain = std::move(job.domain), side, began](DomainLookup::Result result) {
    --running_;
    outbox_.put({domain, std::move(result), side, clock::kernel_instant() - began});
  });
}

void Worker::watch_time(Instant now) {
  for (auto& one : open_) {
    if (now - one.began < options_.lookup.dns_deadline) break;
    if (!std::exchange(one.dns_over, true)) one.lookup->give_up_dns();
    if (now - one.began >= options_.lookup.deadline) one.lookup->give_up();
  }
  while (!open_.empty() && open_.front().lookup->over()) open_.pop_front();
  // Those in the middle that are over are let go of when there are many.
  if (open_.size() > 2 * running_ + 64)
    std::erase_if(open_, [](const auto& one) { return one.lookup->over(); });
}

// Lookups under way would wait for answers of contexts that are gone: they end here, as failed.
void Worker::renew_when_due() {
  if (clock::kernel_wall() < renew_at_) return;
  log::write(log::Level::notice, "resolver", "a negative trust anchor has come to its end");
  for (auto& one : open_) one.lookup->give_up();
  open_.clear();
  if (auto done = make_sides(); !done) log::write(log::Level::error, "resolver", done.error().reason);
}

}  // namespace postern::resolver
