// See encoding.hpp: reading. Bytes may be anything; whatever points outside of them reads as empty.
#include <algorithm>

#include "firmware/policy/encoding.hpp"
#include "firmware/policy/layout.hpp"

namespace postern::policy {
namespace {

using layout::get;

template <typename E>
bool in_range(std::uint8_t value, E last) {
  return value <= static_cast<std::uint8_t>(last);
}

bool host_in_range(Bytes host) {
  return in_range(host[layout::security], HostSecurity::failed) &&
         in_range(host[layout::tlsa_state], TlsaState::failed) && host[layout::sts_match] <= 1;
}

bool head_in_range(Bytes bytes) {
  return bytes[layout::version] == layout::kVersion && in_range(bytes[layout::mx], MxKind::unknown) &&
         in_range(bytes[layout::mx_security], Security::failed) &&
         in_range(bytes[layout::sts], StsState::unknown) &&
         in_range(bytes[layout::sts_mode], StsMode::enforce) &&
         in_range(bytes[layout::sts_fault], StsFault::webpki_invalid) && bytes[layout::hosts] <= kMostHosts;
}

DomainHead read_head(Bytes bytes) {
  return {.mx = MxKind{bytes[layout::mx]},
          .mx_security = Security{bytes[layout::mx_security]},
          .sts = StsState{bytes[layout::sts]},
          .sts_mode = StsMode{bytes[layout::sts_mode]},
          .sts_fault = StsFault{bytes[layout::sts_fault]},
          .hosts = bytes[layout::hosts],
          .learned = get<std::int64_t>(bytes, layout::learned),
          .expires = get<std::int64_t>(bytes, layout::expires),
          .sts_expires = get<std::int64_t>(bytes, layout::sts_expires)};
}

}  // namespace

Result<FactsView> FactsView::over(Bytes encoded) {
  auto view = front(encoded);
  if (view && view->head_.hosts != encoded[layout::hosts]) return fail("encoded facts are cut short");
  return view;
}

Result<FactsView> FactsView::front(Bytes encoded) {
  if (encoded.size() < layout::domain_end || !head_in_range(encoded))
    return fail("these are no encoded facts");
  FactsView view;
  view.bytes_ = encoded;
  view.head_ = read_head(encoded);
  view.first_host_ = std::size_t{encoded[layout::hosts_at]} * 8;
  if (view.first_host_ < layout::domain_end) return fail("these are no encoded facts");
  while (view.head_.hosts > 0 && encoded.size() < view.host_at(view.head_.hosts)) --view.head_.hosts;
  for (std::size_t i = 0; i < view.head_.hosts; ++i) {
    if (!host_in_range(encoded.subspan(view.host_at(i), layout::host_end))) {
      return fail("encoded facts of a host are out of range");
    }
  }
  return view;
}

std::size_t FactsView::front_size(Bytes head, std::size_t hosts) {
  const auto first = std::size_t{head[layout::hosts_at]} * 8;
  return first + std::min<std::size_t>(hosts, head[layout::hosts]) * layout::host_end;
}

std::size_t FactsView::host_at(std::size_t host) const {
  return first_host_ + host * layout::host_end;
}

Bytes FactsView::part(std::size_t at) const {
  const std::size_t offset = get<std::uint16_t>(bytes_, at);
  const std::size_t length = get<std::uint16_t>(bytes_, at + 2);
  if (offset > bytes_.size() || length > bytes_.size() - offset) return {};
  return bytes_.subspan(offset, length);
}

std::string_view FactsView::text(std::size_t at) const {
  return as_text(part(at));
}

ReasonView FactsView::reason(std::size_t at) const {
  return {text(at), text(at + 4), get<std::int32_t>(bytes_, at + 8)};
}

HostHead FactsView::host(std::size_t index) const {
  if (index >= head_.hosts) return {};
  const auto host = bytes_.subspan(host_at(index), layout::host_end);
  return {.security = HostSecurity{host[layout::security]},
          .tlsa = TlsaState{host[layout::tlsa_state]},
          .tlsa_records = host[layout::tlsa_records],
          .tlsa_usable = host[layout::tlsa_usable],
          .sts_match = host[layout::sts_match] != 0,
          .addresses = host[layout::addresses],
          .preference = get<std::uint16_t>(host, layout::preference)};
}

std::string_view FactsView::domain() const {
  return text(layout::domain);
}
std::string_view FactsView::expanded() const {
  return text(layout::expanded);
}
ReasonView FactsView::mx_reason() const {
  return reason(layout::mx_reason);
}
std::string_view FactsView::sts_id() const {
  return text(layout::sts_id);
}
ReasonView FactsView::sts_reason() const {
  return reason(layout::sts_reason);
}
std::string_view FactsView::sts_text() const {
  return text(layout::sts_text);
}
std::uint32_t FactsView::sts_max_age() const {
  return get<std::uint32_t>(bytes_, layout::sts_max_age);
}
std::int64_t FactsView::sts_fetched() const {
  return get<std::int64_t>(bytes_, layout::sts_fetched);
}
std::string_view FactsView::sts_mx(std::size_t index) const {
  return nth_name(part(layout::sts_mx), index);
}

std::string_view FactsView::host_name(std::size_t host) const {
  return host < head_.hosts ? text(host_at(host) + layout::name) : std::string_view{};
}
std::string_view FactsView::host_expanded(std::size_t host) const {
  return host < head_.hosts ? text(host_at(host) + layout::host_expanded) : std::string_view{};
}
std::string_view FactsView::host_tlsa_base(std::size_t host) const {
  return host < head_.hosts ? text(host_at(host) + layout::tlsa_base) : std::string_view{};
}
ReasonView FactsView::host_tlsa_reason(std::size_t host) const {
  return host < head_.hosts ? reason(host_at(host) + layout::tlsa_reason) : ReasonView{};
}
ReasonView FactsView::host_address_reason(std::size_t host) const {
  return host < head_.hosts ? reason(host_at(host) + layout::address_reason) : ReasonView{};
}
std::string_view FactsView::host_name_allowed(std::size_t host, std::size_t index) const {
  return host < head_.hosts ? nth_name(part(host_at(host) + layout::names), index) : std::string_view{};
}

wire::IpAddress FactsView::host_address(std::size_t host, std::size_t index) const {
  if (host >= head_.hosts) return {};
  const auto list = part(host_at(host) + layout::address_list);
  return index < list.size() / 16 ? wire::IpAddress::v6(list.data() + index * 16) : wire::IpAddress{};
}

TlsaView FactsView::host_tlsa(std::size_t host, std::size_t index) const {
  if (host >= head_.hosts) return {};
  auto list = part(host_at(host) + layout::tlsa_list);
  while (list.size() >= layout::kTlsaFixed) {
    const std::size_t length = get<std::uint16_t>(list, 3);
    if (list.size() - layout::kTlsaFixed < length) return {};
    if (index-- == 0) return {list[0], list[1], list[2], list.subspan(layout::kTlsaFixed, length)};
    list = list.subspan(layout::kTlsaFixed + length);
  }
  return {};
}

std::string_view FactsView::nth_name(Bytes list, std::size_t index) {
  while (!list.empty()) {
    const std::size_t length = list[0];
    if (list.size() - 1 < length) return {};
    if (index-- == 0) return as_text(list.subspan(1, length));
    list = list.subspan(1 + length);
  }
  return {};
}

}  // namespace postern::policy
