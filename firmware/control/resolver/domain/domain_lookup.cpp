// One recipient domain: see the header.
#include "firmware/control/resolver/domain/domain_lookup.hpp"

#include <algorithm>
#include <utility>

#include "firmware/policy/dane/names.hpp"

namespace postern::resolver {

using policy::MxKind;
using policy::Security;

namespace {

// The MX answer as hosts: one per name, by preference.
std::vector<MxRecord> sorted(std::vector<MxRecord> records) {
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.preference < b.preference; });
  std::vector<MxRecord> unique;
  for (auto& record : records) {
    const bool seen = std::any_of(unique.begin(), unique.end(),
                                  [&](const auto& other) { return other.host == record.host; });
    if (!seen) unique.push_back(std::move(record));
  }
  return unique;
}

bool is_null_mx(const std::vector<MxRecord>& records) {
  return records.size() == 1 && records.front().host.empty();  // RFC 7505 §3
}

}  // namespace

DomainLookup::DomainLookup(Asker& asker, Fetcher& fetcher, Clock clock, Plan plan, Trail trail)
    : asker_(asker), clock_(std::move(clock)), plan_(std::move(plan)), trail_(std::move(trail)) {
  facts_.domain = plan_.domain;
  facts_.expanded = plan_.domain;
  if (plan_.rules.mta_sts)
    sts_ = std::make_shared<StsLookup>(
        asker, fetcher, clock_,
        StsLookup::Plan{
            .domain = plan_.domain, .memory = plan_.sts, .times = plan_.rules.sts, .random = plan_.random},
        trail_);
}

void DomainLookup::tell(const std::string& text) const {
  if (trail_) trail_(text);
}

void DomainLookup::start(Done done) {
  done_ = std::move(done);
  waiting_ = sts_ ? 2 : 1;
  asker_.ask(plan_.domain, Type::mx, [weak = weak_from_this()](Answer answer) {
    if (const auto self = weak.lock(); self && !self->over_) self->on_mx(std::move(answer));
  });
  if (sts_) {
    sts_->start([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->part_done();
    });
  }
}

void DomainLookup::give_up_dns() {
  if (over_) return;
  const auto self = shared_from_this();
  failed_ = failed_ || !mx_known_;
  // Each host ends its part; the last part to end ends the whole.
  const auto hosts = hosts_;
  for (const auto& host : hosts) host->give_up();
  if (sts_) sts_->give_up_record();
  if (!mx_known_) on_mx(no_answer(plan_.domain, "no answer in time"));
}

void DomainLookup::give_up() {
  if (over_) return;
  tell("the time for this domain is used up");
  const auto self = shared_from_this();
  give_up_dns();
  if (sts_) sts_->give_up();
}

void DomainLookup::on_mx(Answer answer) {
  if (std::exchange(mx_known_, true)) return;
  tell("MX " + plan_.domain + ": " + describe(answer));
  facts_.mx_security = answer.security;
  facts_.mx_reason = answer.reason;
  facts_.expanded = answer.owner;
  if (answer.known()) {
    ttl_ = std::min(ttl_, answer.ttl);
    take_hosts(answer);
  } else {
    failed_ = true;
  }
  part_done();
}

void DomainLookup::take_hosts(const Answer& answer) {
  if (answer.outcome == Outcome::no_name) {
    facts_.mx = MxKind::no_domain;
    return;
  }
  if (answer.outcome == Outcome::no_data || answer.mx.empty()) {
    facts_.mx = MxKind::implicit;
    return add_host(plan_.domain, 0);
  }
  const auto records = sorted(answer.mx);
  if (is_null_mx(records)) {
    facts_.mx = MxKind::null_mx;
    return;
  }
  facts_.mx = MxKind::list;
  for (const auto& record : records) add_host(record.host, record.preference);
}

void DomainLookup::add_host(const std::string& name, std::uint16_t preference) {
  if (hosts_.size() == kMostHosts) return tell("more MX hosts than are looked at: " + name);
  if (!is_host_name(name)) return tell("an MX record names no host: '" + name + "'");
  const bool ask_tlsa =
      plan_.rules.dane && (facts_.mx_security == Security::secure || plan_.rules.tlsa_without_secure_mx);
  auto host = std::make_shared<HostLookup>(
      asker_, HostLookup::Plan{.name = name, .preference = preference, .port = 25, .ask_tlsa = ask_tlsa},
      trail_);
  hosts_.push_back(host);
  ++waiting_;
  host->start([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->part_done();
  });
}

void DomainLookup::part_done() {
  if (over_ || --waiting_ > 0) return;
  finish();
}

void DomainLookup::finish() {
  if (over_) return;
  over_ = true;
  auto done = std::move(done_);
  done(result());
}

DomainLookup::Result DomainLookup::result() {
  for (const auto& host : hosts_) {
    facts_.hosts.push_back(host->host());
    auto& last = facts_.hosts.back();
    if (last.tlsa_state == policy::TlsaState::records)
      last.names =
          policy::names_for_usage_2(last.tlsa_base, facts_.domain, facts_.expanded, facts_.mx_security);
    ttl_ = std::min(ttl_, host->ttl());
    failed_ = failed_ || host->failed_somewhere();
  }
  const bool nowhere = std::all_of(facts_.hosts.begin(), facts_.hosts.end(), [](const auto& host) {
    return host.addresses.empty() && host.address_reason.text.empty();
  });
  if (facts_.mx == MxKind::implicit && nowhere) facts_.mx = MxKind::no_host;
  if (facts_.mx == MxKind::list && facts_.hosts.empty()) facts_.mx = MxKind::no_host;
  facts_.learned = clock_();
  if (sts_) {
    plan_.sts = sts_->memory();
    facts_.sts = plan_.sts.sts;
    failed_ = failed_ || facts_.sts.state == policy::StsState::unknown;
    ttl_ = std::min(ttl_, sts_->holds_seconds());
  }
  auto seconds = std::clamp(ttl_, plan_.rules.least_ttl, plan_.rules.longest_ttl);
  if (failed_) seconds = std::min(seconds, std::max(plan_.rules.failed_ttl, 1u));
  facts_.expires = facts_.learned + std::chrono::seconds(seconds);
  if (policy::in_force(facts_.sts, facts_.learned))
    facts_.expires = std::min(facts_.expires, facts_.sts.expires);
  return {std::move(facts_), std::move(plan_.sts)};
}

}  // namespace postern::resolver
