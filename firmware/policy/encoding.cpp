// See encoding.hpp: writing, and reading back as a whole.
#include "firmware/policy/encoding.hpp"

#include <algorithm>

#include "firmware/policy/dane/usable.hpp"
#include "firmware/policy/layout.hpp"
#include "firmware/policy/sts/match.hpp"

namespace postern::policy {
namespace {

std::int64_t nanoseconds(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime wall(std::int64_t ns) {
  return WallTime(Duration(ns));
}

constexpr std::size_t kMostReason = 200;

class Encoder {
 public:
  explicit Encoder(std::size_t fixed) : bytes_(fixed) {}

  template <typename T>
  void put(std::size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  void byte(std::size_t at, std::size_t value) { bytes_[at] = static_cast<std::uint8_t>(value); }
  void part(std::size_t at, Bytes content) {
    put(at, static_cast<std::uint16_t>(bytes_.size()));
    put(at + 2, static_cast<std::uint16_t>(content.size()));
    bytes_.insert(bytes_.end(), content.begin(), content.end());
  }
  void text(std::size_t at, std::string_view content) { part(at, as_bytes(content)); }
  void reason(std::size_t at, const Reason& reason) {
    text(at, std::string_view(reason.text).substr(0, kMostReason));
    text(at + 4, std::string_view(reason.extended).substr(0, kMostReason));
    put(at + 8, reason.ede);
  }
  void names(std::size_t at, const std::vector<std::string>& list) {
    std::vector<std::uint8_t> content;
    for (const auto& name : list) {
      if (name.empty() || name.size() > 255) continue;
      content.push_back(static_cast<std::uint8_t>(name.size()));
      content.insert(content.end(), name.begin(), name.end());
    }
    part(at, content);
  }
  std::size_t size() const { return bytes_.size(); }
  // Makes it so long, with zeros.
  std::size_t room(std::size_t size) {
    bytes_.resize(size);
    return size;
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// The usable ones first where not all of them fit: what is left then demands no less.
std::vector<const Tlsa*> records_kept(const Host& host) {
  std::vector<const Tlsa*> kept;
  for (const auto& record : host.tlsa) kept.push_back(&record);
  if (kept.size() > kMostTlsa) {
    std::stable_partition(kept.begin(), kept.end(),
                          [](const Tlsa* record) { return unusable(*record).empty(); });
    kept.resize(kMostTlsa);
  }
  return kept;
}

void write_tlsa(Encoder& out, std::size_t at, const Host& host) {
  std::vector<std::uint8_t> content;
  for (const auto* record : records_kept(host)) {
    const auto length = static_cast<std::uint16_t>(std::min<std::size_t>(record->data.size(), kMostEncoded));
    const std::uint8_t fixed[] = {record->usage, record->selector, record->matching};
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&length);
    content.insert(content.end(), fixed, fixed + 3);
    content.insert(content.end(), raw, raw + 2);
    content.insert(content.end(), record->data.begin(), record->data.begin() + length);
  }
  out.part(at + layout::tlsa_list, content);
}

void write_host(Encoder& out, std::size_t at, const Facts& facts, const Host& host) {
  const auto head = head_of(facts, host);
  out.byte(at + layout::security, static_cast<std::size_t>(head.security));
  out.byte(at + layout::tlsa_state, static_cast<std::size_t>(head.tlsa));
  out.byte(at + layout::tlsa_records, head.tlsa_records);
  out.byte(at + layout::tlsa_usable, head.tlsa_usable);
  out.byte(at + layout::sts_match, head.sts_match ? 1 : 0);
  out.byte(at + layout::addresses, head.addresses);
  out.put(at + layout::preference, head.preference);
  out.text(at + layout::name, host.name);
  out.text(at + layout::host_expanded, host.expanded);
  out.text(at + layout::tlsa_base, host.tlsa_base);
  out.names(at + layout::names, host.names);
  std::vector<std::uint8_t> addresses;
  for (std::size_t i = 0; i < head.addresses; ++i) {
    addresses.insert(addresses.end(), host.addresses[i].bytes.begin(), host.addresses[i].bytes.end());
  }
  out.part(at + layout::address_list, addresses);
  write_tlsa(out, at, host);
  out.reason(at + layout::address_reason, host.address_reason);
  out.reason(at + layout::tlsa_reason, host.tlsa_reason);
}

void write_domain(Encoder& out, const Facts& facts, std::size_t hosts) {
  const auto head = head_of(facts);
  out.byte(layout::version, layout::kVersion);
  out.byte(layout::mx, static_cast<std::size_t>(head.mx));
  out.byte(layout::mx_security, static_cast<std::size_t>(head.mx_security));
  out.byte(layout::sts, static_cast<std::size_t>(head.sts));
  out.byte(layout::sts_mode, static_cast<std::size_t>(head.sts_mode));
  out.byte(layout::sts_fault, static_cast<std::size_t>(head.sts_fault));
  out.byte(layout::hosts, hosts);
  out.put(layout::learned, head.learned);
  out.put(layout::expires, head.expires);
  out.put(layout::sts_expires, head.sts_expires);
  out.put(layout::sts_fetched, nanoseconds(facts.sts.fetched));
  out.put(layout::sts_max_age, facts.sts.max_age);
  out.text(layout::expanded, facts.expanded);
  out.reason(layout::mx_reason, facts.mx_reason);
  out.reason(layout::sts_reason, facts.sts.reason);
  out.text(layout::sts_id, std::string_view(facts.sts.id).substr(0, 32));  // RFC 8461 §3.1: at most 32
}

std::vector<std::uint8_t> encode_with(const Facts& facts, std::size_t hosts, bool text) {
  Encoder out(layout::domain_end);
  // What every decision reads lies together at the front: head, name, hosts.
  out.text(layout::domain, facts.domain);
  const auto first = out.room((out.size() + 7) / 8 * 8 + hosts * layout::host_end) - hosts * layout::host_end;
  out.byte(layout::hosts_at, first / 8);
  write_domain(out, facts, hosts);
  for (std::size_t i = 0; i < hosts; ++i) {
    write_host(out, first + i * layout::host_end, facts, facts.hosts[i]);
  }
  // Offsets have 16 bits, so what may be long comes last and is checked by the caller's limit.
  if (text) {
    out.names(layout::sts_mx, facts.sts.mx);
    out.text(layout::sts_text, facts.sts.text);
  }
  return out.take();
}

// What would not fit into a part's 16 bits, or no entry at all.
bool hopeless(const Facts& facts) {
  return facts.domain.size() > 255 || facts.expanded.size() > 255;
}

std::size_t host_bytes(const Host& host) {
  std::size_t bytes = layout::host_end + host.name.size() + host.expanded.size() + host.tlsa_base.size();
  for (const auto& name : host.names) bytes += 1 + name.size();
  for (const auto* record : records_kept(host)) bytes += layout::kTlsaFixed + record->data.size();
  return bytes + std::min(host.addresses.size(), kMostAddresses) * 16 + 4 * kMostReason;
}

constexpr std::size_t kDomainBytes = layout::domain_end + 2 * 255 + 4 * kMostReason + 32;

std::size_t hosts_that_fit(const Facts& facts) {
  std::size_t fit = 0;
  for (std::size_t used = kDomainBytes; fit < std::min(facts.hosts.size(), kMostHosts); ++fit) {
    used += host_bytes(facts.hosts[fit]);
    if (used > kMostEncoded) break;
  }
  return fit;
}

Reason owned(const ReasonView& view) {
  return {std::string(view.text), std::string(view.extended), view.ede};
}

Host decode_host(const FactsView& view, std::size_t at) {
  const auto head = view.host(at);
  Host host{.name = std::string(view.host_name(at)),
            .expanded = std::string(view.host_expanded(at)),
            .preference = head.preference,
            .security = head.security,
            .addresses = {},
            .address_reason = owned(view.host_address_reason(at)),
            .tlsa_base = std::string(view.host_tlsa_base(at)),
            .names = {},
            .tlsa_state = head.tlsa,
            .tlsa_reason = owned(view.host_tlsa_reason(at)),
            .tlsa = {}};
  for (std::size_t i = 0; i < head.addresses; ++i) host.addresses.push_back(view.host_address(at, i));
  for (std::size_t i = 0; !view.host_name_allowed(at, i).empty(); ++i) {
    host.names.emplace_back(view.host_name_allowed(at, i));
  }
  for (std::size_t i = 0; i < head.tlsa_records; ++i) {
    const auto record = view.host_tlsa(at, i);
    host.tlsa.push_back(
        {record.usage, record.selector, record.matching, {record.data.begin(), record.data.end()}});
  }
  return host;
}

}  // namespace

DomainHead head_of(const Facts& facts) {
  return {.mx = facts.mx,
          .mx_security = facts.mx_security,
          .sts = facts.sts.state,
          .sts_mode = facts.sts.mode,
          .sts_fault = facts.sts.fault,
          .hosts = static_cast<std::uint8_t>(std::min(facts.hosts.size(), kMostHosts)),
          .learned = nanoseconds(facts.learned),
          .expires = nanoseconds(facts.expires),
          .sts_expires = nanoseconds(facts.sts.expires)};
}

HostHead head_of(const Facts& facts, const Host& host) {
  const auto kept = records_kept(host);
  const auto usable =
      std::count_if(kept.begin(), kept.end(), [](const Tlsa* record) { return unusable(*record).empty(); });
  return {.security = host.security,
          .tlsa = host.tlsa_state,
          .tlsa_records = static_cast<std::uint8_t>(kept.size()),
          .tlsa_usable = static_cast<std::uint8_t>(usable),
          .sts_match = facts.sts.state == StsState::policy && sts_lists(facts.sts.mx, host.name),
          .addresses = static_cast<std::uint8_t>(std::min(host.addresses.size(), kMostAddresses)),
          .preference = host.preference};
}

std::vector<std::uint8_t> encode(const Facts& facts) {
  if (hopeless(facts)) return {};
  const auto hosts = hosts_that_fit(facts);
  auto bare = encode_with(facts, hosts, false);
  std::size_t text = facts.sts.text.size();
  for (const auto& pattern : facts.sts.mx) text += 1 + pattern.size();
  return bare.size() + text <= kMostEncoded ? encode_with(facts, hosts, true) : bare;
}

Result<Facts> decode(Bytes encoded) {
  const auto view = FactsView::over(encoded);
  if (!view) return tl::unexpected(view.error());
  const auto& head = view->head();
  Facts facts{.domain = std::string(view->domain()),
              .expanded = std::string(view->expanded()),
              .mx = head.mx,
              .mx_security = head.mx_security,
              .mx_reason = owned(view->mx_reason()),
              .hosts = {},
              .sts = {.state = head.sts,
                      .fault = head.sts_fault,
                      .reason = owned(view->sts_reason()),
                      .id = std::string(view->sts_id()),
                      .mode = head.sts_mode,
                      .mx = {},
                      .max_age = view->sts_max_age(),
                      .fetched = wall(view->sts_fetched()),
                      .expires = wall(head.sts_expires),
                      .text = std::string(view->sts_text())},
              .learned = wall(head.learned),
              .expires = wall(head.expires)};
  for (std::size_t i = 0; i < head.hosts; ++i) facts.hosts.push_back(decode_host(*view, i));
  for (std::size_t i = 0; !view->sts_mx(i).empty(); ++i) facts.sts.mx.emplace_back(view->sts_mx(i));
  return facts;
}

}  // namespace postern::policy
