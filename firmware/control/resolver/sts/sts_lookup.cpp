// One domain's MTA-STS policy: see the header.
#include "firmware/control/resolver/sts/sts_lookup.hpp"

#include <algorithm>
#include <utility>

#include "firmware/control/resolver/domain/host_lookup.hpp"
#include "firmware/policy/sts/record.hpp"

namespace postern::resolver {

using policy::StsAnswer;
using policy::StsFault;

namespace {

constexpr std::uint32_t kAskAgain = 60;  // seconds, for a record that could not be asked for

policy::Reason reason_of(std::string text) {
  policy::Reason reason;
  reason.text = std::move(text);
  return reason;
}

}  // namespace

StsLookup::StsLookup(Asker& asker, Fetcher& fetcher, Clock clock, Plan plan, Trail trail)
    : asker_(asker),
      fetcher_(fetcher),
      clock_(std::move(clock)),
      plan_(std::move(plan)),
      trail_(std::move(trail)) {}

void StsLookup::tell(const std::string& text) const {
  if (trail_) trail_(text);
}

void StsLookup::ask(const std::string& name, Type type, void (StsLookup::*then)(Answer)) {
  asker_.ask(name, type, [weak = weak_from_this(), type, name, then](Answer answer) {
    const auto self = weak.lock();
    if (!self || self->over_) return;
    self->tell(std::string(resolver::text(type)) + " " + name + ": " + describe(answer));
    (*self.*then)(std::move(answer));
  });
}

void StsLookup::start(Done done) {
  done_ = std::move(done);
  ask("_mta-sts." + plan_.domain, Type::txt, &StsLookup::on_record);
}

void StsLookup::give_up_record() {
  if (over_ || recorded_) return;
  on_record(no_answer(plan_.domain, "no answer in time"));
}

void StsLookup::give_up() {
  late_ = true;
  give_up_record();
  if (!over_) not_fetched(StsFault::fetch_error, reason_of("the policy did not come in time"));
}

void StsLookup::on_record(Answer answer) {
  if (std::exchange(recorded_, true)) return;
  take_record(answer);
  const auto& memory = plan_.memory;
  const bool fetch = policy::sts_fetch_due(memory.sts, record_, plan_.times, memory.refresh_at,
                                           memory.failed_at, memory.failed_id, clock_());
  if (fetch && !late_) return begin_fetch();
  settle(nullptr);
}

void StsLookup::take_record(const Answer& answer) {
  if (!answer.known()) {
    record_.kind = StsAnswer::Kind::failed;
    record_.reason = answer.reason;
    holds_ = kAskAgain;
    return;
  }
  holds_ = answer.ttl;
  const auto record = policy::choose_sts_record(answer.texts);
  if (!record) {
    record_.kind = StsAnswer::Kind::invalid;
    record_.reason = reason_of(std::string(record.error().reason));
  } else if (!*record) {
    record_.kind = StsAnswer::Kind::absent;
  } else {
    record_.kind = StsAnswer::Kind::record;
    record_.id = (*record)->id;
  }
}

// RFC 8461 §3.3: the policy host is "mta-sts." in front of the domain.
void StsLookup::begin_fetch() {
  waiting_ = 2;
  ask("mta-sts." + plan_.domain, Type::aaaa, &StsLookup::on_address);
  ask("mta-sts." + plan_.domain, Type::a, &StsLookup::on_address);
}

void StsLookup::on_address(Answer answer) {
  addresses_.insert(addresses_.end(), answer.addresses.begin(), answer.addresses.end());
  if (!answer.known()) address_reason_ = answer.reason;
  if (--waiting_ > 0) return;
  if (addresses_.empty()) {
    if (address_reason_.text.empty()) address_reason_ = reason_of("the policy host has no address");
    return not_fetched(StsFault::fetch_error, address_reason_);
  }
  FetchRequest request{
      .host = "mta-sts." + plan_.domain, .path = "/.well-known/mta-sts.txt", .addresses = addresses_};
  fetcher_.fetch(std::move(request), [weak = weak_from_this()](Fetched fetched) {
    if (const auto self = weak.lock(); self && !self->over_) self->on_fetched(std::move(fetched));
  });
}

void StsLookup::on_fetched(Fetched fetched) {
  if (fetched.kind == Fetched::Kind::certificate)
    return not_fetched(StsFault::webpki_invalid, reason_of(std::move(fetched.why)));
  if (fetched.kind == Fetched::Kind::failed)
    return not_fetched(StsFault::fetch_error, reason_of(std::move(fetched.why)));
  auto policy = policy::parse_sts_policy(fetched.body);
  if (!policy) return not_fetched(StsFault::policy_invalid, reason_of(std::string(policy.error().reason)));
  tell("fetched https://mta-sts." + plan_.domain + "/.well-known/mta-sts.txt");
  const policy::StsFetch fetch{
      .fault = StsFault::none, .reason = {}, .policy = std::move(*policy), .text = std::move(fetched.body)};
  settle(&fetch);
}

void StsLookup::not_fetched(StsFault fault, policy::Reason reason) {
  tell("the MTA-STS policy cannot be fetched: " + reason.text);
  const policy::StsFetch fetch{.fault = fault, .reason = std::move(reason), .policy = {}, .text = {}};
  settle(&fetch);
}

void StsLookup::settle(const policy::StsFetch* fetch) {
  if (over_) return;
  over_ = true;
  auto& memory = plan_.memory;
  const auto now = clock_();
  memory.sts = policy::sts_after(memory.sts, record_, fetch, now);
  if (fetch != nullptr && fetch->fault != StsFault::none) {
    memory.failed_at = now;
    memory.failed_id = record_.id;
    const auto retry = std::chrono::duration_cast<std::chrono::seconds>(plan_.times.retry_failed).count();
    holds_ = std::min(holds_, static_cast<std::uint32_t>(retry));
  } else if (fetch != nullptr) {
    memory.failed_at = WallTime::min();
    memory.failed_id.clear();
    memory.refresh_at = policy::sts_refresh_at(memory.sts, plan_.times, plan_.random);
  }
  if (auto done = std::move(done_)) done();
}

}  // namespace postern::resolver
