// One mail host's addresses and TLSA records: see the header.
#include "firmware/control/resolver/domain/host_lookup.hpp"

#include <algorithm>
#include <utility>

namespace postern::resolver {

using policy::HostSecurity;
using policy::Security;
using policy::TlsaState;

namespace {

constexpr std::size_t kMostTlsa = 32;
constexpr std::size_t kMostAddresses = 16;

HostSecurity of(Security security) {
  switch (security) {
    case Security::secure:
      return HostSecurity::secure;
    case Security::insecure:
      return HostSecurity::insecure;
    case Security::bogus:
      return HostSecurity::bogus;
    case Security::failed:
      return HostSecurity::failed;
  }
  return HostSecurity::failed;
}

std::string_view text(Security security) {
  switch (security) {
    case Security::secure:
      return "secure";
    case Security::insecure:
      return "insecure";
    case Security::bogus:
      return "bogus";
    case Security::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace

std::string describe(const Answer& answer) {
  std::string line(text(answer.security));
  if (answer.outcome == Outcome::no_data) line += ", no such record";
  if (answer.outcome == Outcome::no_name) line += ", no such name";
  if (answer.alias) line += ", through CNAME to " + answer.owner;
  if (!answer.reason.text.empty()) line += ": " + answer.reason.text;
  if (!answer.reason.extended.empty()) line += " (" + answer.reason.extended + ")";
  return line;
}

HostLookup::HostLookup(Asker& asker, Plan plan, Trail trail)
    : asker_(asker), plan_(std::move(plan)), trail_(std::move(trail)) {
  host_.name = plan_.name;
  host_.expanded = plan_.name;
  host_.preference = plan_.preference;
}

void HostLookup::tell(const std::string& text) const {
  if (trail_) trail_(text);
}

void HostLookup::ask(const std::string& name, Type type, void (HostLookup::*then)(Answer)) {
  asker_.ask(name, type, [weak = weak_from_this(), type, name, then](Answer answer) {
    const auto self = weak.lock();
    if (!self || self->over_) return;
    self->tell(std::string(resolver::text(type)) + " " + name + ": " + describe(answer));
    self->note(answer);
    (*self.*then)(std::move(answer));
  });
}

void HostLookup::note(const Answer& answer) {
  if (answer.known()) ttl_ = std::min(ttl_, answer.ttl);
  failed_ = failed_ || !answer.known();
}

void HostLookup::start(Done done) {
  done_ = std::move(done);
  waiting_ = 2;
  ask(plan_.name, Type::aaaa, &HostLookup::on_v6);
  ask(plan_.name, Type::a, &HostLookup::on_v4);
}

void HostLookup::give_up() {
  if (over_) return;
  failed_ = true;
  if (waiting_ > 0 || host_.addresses.empty()) {
    host_.security = HostSecurity::failed;
    host_.address_reason = no_answer(plan_.name, "no answer in time").reason;
  } else if (plan_.ask_tlsa && host_.security != HostSecurity::insecure) {
    host_.tlsa_state = TlsaState::failed;
    host_.tlsa_reason = no_answer(plan_.name, "no answer in time").reason;
  }
  finish();
}

void HostLookup::on_v4(Answer answer) {
  v4_ = std::move(answer);
  if (--waiting_ == 0) judge_addresses();
}

void HostLookup::on_v6(Answer answer) {
  v6_ = std::move(answer);
  if (--waiting_ == 0) judge_addresses();
}

// One family's answer is enough to reach the host; a family that could not be asked for is only noted.
// Without any address, a forged or missing answer is what the host comes to.
void HostLookup::judge_addresses() {
  for (const auto* answer : {&v6_, &v4_}) {
    host_.addresses.insert(host_.addresses.end(), answer->addresses.begin(), answer->addresses.end());
    if (!answer->known()) host_.address_reason = answer->reason;
  }
  if (host_.addresses.size() > kMostAddresses) host_.addresses.resize(kMostAddresses);
  const Answer* counts = v6_.has_data() ? &v6_ : v4_.has_data() ? &v4_ : nullptr;
  if (counts == &v6_ && v4_.has_data() && v4_.secure()) counts = &v4_;  // the one that asks for more
  if (counts == nullptr) {
    const bool forged = v4_.security == Security::bogus || v6_.security == Security::bogus;
    const bool missing = !v4_.known() || !v6_.known();
    if (forged || missing) return settle(forged ? HostSecurity::bogus : HostSecurity::failed);
    return settle(of(v4_.security));
  }
  host_.expanded = counts->owner;
  // RFC 7672 §2.2.2: of an alias that leaves the signed zones, the first CNAME alone may still be signed.
  if (!counts->secure() && counts->alias) {
    waiting_ = 1;
    return ask(plan_.name, Type::cname, &HostLookup::on_alias);
  }
  settle(of(counts->security));
}

void HostLookup::on_alias(Answer answer) {
  waiting_ = 0;
  if (!answer.known()) host_.address_reason = answer.reason;
  if (answer.secure() && answer.has_data()) return settle(HostSecurity::secure_alias);
  settle(of(answer.security == Security::secure ? Security::insecure : answer.security));
}

void HostLookup::settle(HostSecurity security) {
  host_.security = security;
  choose_bases();
  ask_next_base();
}

// RFC 7672 §2.2.3: the end of a wholly signed chain first, then the name itself; with a chain that ends
// unsigned, only the name itself.
void HostLookup::choose_bases() {
  if (!plan_.ask_tlsa || host_.addresses.empty()) return;
  if (host_.security != HostSecurity::secure && host_.security != HostSecurity::secure_alias) return;
  bases_.push_back(plan_.name);
  if (host_.security == HostSecurity::secure && host_.expanded != plan_.name)
    bases_.push_back(host_.expanded);
}

void HostLookup::ask_next_base() {
  if (bases_.empty()) return finish();
  host_.tlsa_base = bases_.back();
  bases_.pop_back();
  ask("_" + std::to_string(plan_.port) + "._tcp." + host_.tlsa_base, Type::tlsa, &HostLookup::on_tlsa);
}

void HostLookup::on_tlsa(Answer answer) {
  if (!answer.known()) {
    host_.tlsa_state = answer.security == Security::bogus ? TlsaState::bogus : TlsaState::failed;
    host_.tlsa_reason = answer.reason;
    return finish();
  }
  if (answer.secure() && !answer.tlsa.empty()) {
    host_.tlsa_state = TlsaState::records;
    if (answer.tlsa.size() > kMostTlsa) answer.tlsa.resize(kMostTlsa);
    host_.tlsa = std::move(answer.tlsa);
    return finish();
  }
  // Records that are not signed promise nothing. RFC 7672 §2.2.
  host_.tlsa_state = TlsaState::none;
  ask_next_base();
}

void HostLookup::finish() {
  if (over_) return;
  over_ = true;
  if (host_.tlsa_state == TlsaState::none) host_.tlsa_base.clear();
  if (auto done = std::move(done_)) done();
}

}  // namespace postern::resolver
