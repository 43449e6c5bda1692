// The resolver's one thread that decides: see the header.
#include "firmware/control/resolver/service/desk.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::resolver {

namespace {

constexpr int kQuestionsPerTurn = 1024;  // per lane
constexpr std::size_t kMostFlights = 100000;
constexpr Duration kReportEvery = std::chrono::seconds(1);
constexpr Duration kSweepEvery = std::chrono::seconds(10);
constexpr std::size_t kRefreshesPerSweep = 200;
constexpr int kRestMilliseconds = 200;

void drain(int descriptor) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(descriptor, &count, sizeof count);
}

bool something_failed(const policy::Facts& facts) {
  const auto bad_host = [](const policy::Host& host) {
    return host.security >= policy::HostSecurity::bogus || host.tlsa_state >= policy::TlsaState::bogus;
  };
  return facts.mx == policy::MxKind::unknown || facts.sts.state == policy::StsState::unknown ||
         std::any_of(facts.hosts.begin(), facts.hosts.end(), bad_host);
}

bool something_bogus(const policy::Facts& facts) {
  const auto bad_host = [](const policy::Host& host) {
    return host.security == policy::HostSecurity::bogus || host.tlsa_state == policy::TlsaState::bogus;
  };
  return facts.mx_security == policy::Security::bogus ||
         std::any_of(facts.hosts.begin(), facts.hosts.end(), bad_host);
}

}  // namespace

Desk::Desk(const ServiceOptions& options, Given given, policy::TableWriter table, const rng::Seed& seed)
    : options_(options),
      given_(std::move(given)),
      table_(std::move(table)),
      random_(seed),
      domains_(options.domains) {}

Desk::~Desk() {
  workers_.clear();
}

Result<std::unique_ptr<Desk>, Fault> Desk::create(const ServiceOptions& options, Given given) {
  const auto seed = rng::system_seed();
  if (!seed) return tl::unexpected(seed.error());
  std::array<std::uint8_t, 24> table_seed{};
  rng::CoreRandom(*seed).fill(table_seed);
  const auto own_seed = rng::system_seed();
  if (!own_seed) return tl::unexpected(own_seed.error());
  auto table = policy::TableWriter::over(
      given.table.bytes(), {.domains = options.domains, .entry_bytes = ipc::kPolicyEntryBytes}, table_seed);
  if (!table) return fault("the policy table cannot be used: " + std::string(table.error().reason));
  std::unique_ptr<Desk> desk(new Desk(options, std::move(given), std::move(*table), *own_seed));
  desk->signal_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  desk->outbox_ = std::make_unique<Outbox>(desk->signal_.get());
  const auto now = clock::kernel_wall();
  auto store = Store::open(options.directory + "/cache.sqlite", now);
  if (!store) return tl::unexpected(store.error());
  desk->store_ = std::move(*store);
  desk->policies_ = std::make_unique<PolicyBook>(*desk->store_, options.lookup.rules.sts);
  for (std::size_t i = 0; i < options.threads; ++i) {
    auto worker = Worker::create(options, i, *desk->outbox_);
    if (!worker) return tl::unexpected(worker.error());
    desk->workers_.push_back(std::move(*worker));
  }
  desk->take_over(desk->store_->load(now, options.domains));
  return desk;
}

void Desk::take_over(Store::Loaded loaded) {
  counters_.domains_loaded = loaded.facts.size();
  counters_.policies_loaded = loaded.policies.size();
  for (auto& policy : loaded.policies) policies_->load(std::move(policy));
  for (auto& encoded : loaded.facts) {
    const auto view = policy::FactsView::over(encoded);
    if (!view || !table_.publish(encoded)) continue;
    Remembered entry;
    entry.domain = view->domain();
    entry.learned = WallTime(Duration(view->head().learned));
    entry.expires = WallTime(Duration(view->head().expires));
    entry.encoded = std::move(encoded);
    domains_.put(std::move(entry));
  }
}

void Desk::start() {
  store_->start();
  for (auto& worker : workers_) worker->start();
}

void Desk::serve() {
  while (control_is_there()) {
    const bool more = take_questions();
    take_results();
    look_around(clock::kernel_wall());
    if (!more) rest();
  }
}

// True where more may be waiting.
bool Desk::take_questions() {
  const auto now = clock::kernel_wall();
  bool more = false;
  for (std::uint32_t lane = 0; lane < given_.lanes; ++lane) {
    auto& questions = ipc::policy_lane(given_.lanes_memory.bytes(), lane).questions;
    ipc::PolicyQuestion question;
    // With too much under way the rest stays in the rings, and the cores hear "later".
    for (int i = 0; i < kQuestionsPerTurn && flights_.size() < kMostFlights && questions.pop(question); ++i) {
      on_question(lane, question, now);
      more = true;
    }
  }
  return more;
}

void Desk::on_question(std::uint32_t lane, const ipc::PolicyQuestion& question, WallTime now) {
  ++counters_.questions;
  const Waiter waiter{lane, {question.life, question.ticket}};
  const std::string domain(question.domain());
  if (!is_host_name(domain)) {
    ++counters_.questions_malformed;
    return answer(waiter);
  }
  policies_->used(domain, now);
  const auto* known = domains_.find(domain);
  const auto flight = flights_.find(domain);
  if (question.wish == ipc::PolicyWish::refresh) {
    ++counters_.refresh_hints;
    if (flight == flights_.end() && (known == nullptr || known->runs_out(now)))
      begin(domain, known != nullptr ? known->side + 1 : 0);
    return;
  }
  if (known != nullptr && known->holds(now)) {
    ++counters_.answered_at_once;
    table_.publish(known->encoded);  // it may have been taken out to make room
    return answer(waiter);
  }
  if (flight != flights_.end()) {
    ++counters_.joined;
  } else {
    begin(domain, known != nullptr ? known->side : 0);
  }
  flights_[domain].waiters.push_back(waiter);
}

void Desk::begin(const std::string& domain, unsigned side) {
  ++counters_.lookups;
  flights_.try_emplace(domain);
  auto& worker = workers_[std::hash<std::string>{}(domain) % workers_.size()];
  worker->submit({.domain = domain, .sts = policies_->memory(domain), .side = side, .random = random_.u32()});
}

void Desk::take_results() {
  for (auto& result : outbox_->take()) on_result(std::move(result));
}

void Desk::count(const JobResult& result) {
  const auto& facts = result.found.facts;
  counters_.lookup_ns += static_cast<std::uint64_t>(result.took.count());
  counters_.lookups_failed += something_failed(facts) ? 1u : 0u;
  counters_.lookups_bogus += something_bogus(facts) ? 1u : 0u;
  counters_.sts_fetch_failed += facts.sts.fault != policy::StsFault::none ? 1u : 0u;
}

void Desk::on_result(JobResult result) {
  count(result);
  const auto& facts = result.found.facts;
  policies_->learned(result.domain, result.found.sts, facts.learned);
  Remembered entry{.domain = result.domain,
                   .encoded = policy::encode(facts),
                   .learned = facts.learned,
                   .expires = facts.expires,
                   .side = result.side};
  table_.publish(entry.encoded);
  // What failed is asked again soon; after a restart at once.
  if (!something_failed(facts)) store_->keep_facts(result.domain, entry.encoded, facts.expires);
  if (const auto forgotten = domains_.put(std::move(entry)); !forgotten.empty()) table_.remove(forgotten);
  const auto flight = flights_.extract(result.domain);
  if (flight.empty()) return;
  for (const auto& waiter : flight.mapped().waiters) answer(waiter);
}

void Desk::answer(const Waiter& waiter) {
  auto& lane = ipc::policy_lane(given_.lanes_memory.bytes(), waiter.lane);
  if (!lane.answers.push(waiter.answer)) ++counters_.answers_lost;
}

bool Desk::control_is_there() {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
  process::Packet packet;
  // Control says nothing more after the beginning: whatever comes but silence is its end.
  return process::receive_packet(given_.control, buffer, packet) == process::ReceiveStatus::nothing;
}

void Desk::look_around(WallTime now) {
  const auto instant = clock::kernel_instant();
  if (instant >= next_report_) {
    next_report_ = instant + kReportEvery;
    report(true);
  }
  if (instant < next_sweep_) return;
  next_sweep_ = instant + kSweepEvery;
  for (const auto& domain : policies_->due(now, kRefreshesPerSweep)) {
    if (flights_.count(domain) != 0) continue;
    ++counters_.sts_refreshes;
    const auto* known = domains_.find(domain);
    begin(domain, known != nullptr ? known->side + 1 : 0);
  }
  policies_->tidy(now);
  store_->tidy(now, options_.domains);
}

void Desk::report(bool ready) {
  counters_.store_failed = store_->failures();
  counters_.domains = domains_.size();
  counters_.policies = policies_->in_force();
  counters_.under_way = flights_.size();
  counters_.table_entries = table_.counters().table_entries;
  counters_.table_evicted = table_.counters().table_evicted;
  counters_.dns_questions = 0;
  for (const auto& worker : workers_) counters_.dns_questions += worker->questions();
  ipc::ResolverReport message{.ready = ready, .trouble = {}, .counters = counters_};
  if (counters_.store_failed != 0) message.trouble = "the resolver's cache on disk cannot be written";
  process::send_packet(given_.control, ipc::write(message));
}

bool Desk::lanes_empty() {
  for (std::uint32_t lane = 0; lane < given_.lanes; ++lane) {
    if (!ipc::policy_lane(given_.lanes_memory.bytes(), lane).questions.empty()) return false;
  }
  return true;
}

// Says that it sleeps, looks once more, and sleeps: a core that pushes after the look sees the word.
void Desk::rest() {
  auto& head = ipc::policy_lanes_head(given_.lanes_memory.bytes());
  head.asleep.store(1, std::memory_order_seq_cst);
  if (lanes_empty() || flights_.size() >= kMostFlights) {
    std::array<pollfd, 3> watched{
        {{given_.event.get(), POLLIN, 0}, {signal_.get(), POLLIN, 0}, {given_.control.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), kRestMilliseconds);
    drain(given_.event.get());
    drain(signal_.get());
  }
  head.asleep.store(0, std::memory_order_relaxed);
}

}  // namespace postern::resolver
