// Facts as bytes: what the snapshot table holds, and a view that reads them without allocating.
//
// A fixed head for the domain, then one per host, then everything of variable length. What a decision needs
// is in the heads: usable TLSA records are counted and the host's name was held against the MTA-STS policy
// when they were written. A view of any bytes whatever is safe: every offset is checked when it is followed.
// Limits: kMostHosts hosts, kMostEncoded bytes. What does not fit is left out from the end: policy text
// first, then the least preferred hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "firmware/policy/facts.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::policy {

inline constexpr std::size_t kMostHosts = 32;
inline constexpr std::size_t kMostAddresses = 16;  // per host
inline constexpr std::size_t kMostTlsa = 32;       // per host
inline constexpr std::size_t kMostEncoded = 16 * 1024;

// What a decision needs to know of a domain ...
struct DomainHead {
  MxKind mx = MxKind::unknown;
  Security mx_security = Security::failed;
  StsState sts = StsState::not_asked;
  StsMode sts_mode = StsMode::none;
  StsFault sts_fault = StsFault::none;
  std::uint8_t hosts = 0;
  std::int64_t learned = 0;      // ns since 1970
  std::int64_t expires = 0;      // ns since 1970
  std::int64_t sts_expires = 0;  // ns since 1970
};

// ... and of one of its hosts.
struct HostHead {
  HostSecurity security = HostSecurity::insecure;
  TlsaState tlsa = TlsaState::not_asked;
  std::uint8_t tlsa_records = 0;
  std::uint8_t tlsa_usable = 0;  // dane/usable.hpp
  bool sts_match = false;        // the policy in force lists the host
  std::uint8_t addresses = 0;
  std::uint16_t preference = 0;
};

DomainHead head_of(const Facts& facts);
HostHead head_of(const Facts& facts, const Host& host);

std::vector<std::uint8_t> encode(const Facts& facts);
Result<Facts> decode(Bytes encoded);

struct TlsaView {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  Bytes data;
};

struct ReasonView {
  std::string_view text;
  std::string_view extended;
  std::int32_t ede = -1;
};

// Looks into encoded facts; valid as long as the bytes are.
class FactsView {
 public:
  static Result<FactsView> over(Bytes encoded);
  // Over the first part of encoded facts: heads of the hosts that are in it, and texts that are not read as
  // empty. front_size() says how much holds so many hosts; `head` are at least kHeadBytes.
  static Result<FactsView> front(Bytes encoded);
  static std::size_t front_size(Bytes head, std::size_t hosts);
  static constexpr std::size_t kHeadBytes = 88;

  const DomainHead& head() const { return head_; }
  HostHead host(std::size_t index) const;  // index < head().hosts

  std::string_view domain() const;
  std::string_view expanded() const;
  ReasonView mx_reason() const;
  std::string_view sts_id() const;
  ReasonView sts_reason() const;
  std::string_view sts_text() const;
  std::uint32_t sts_max_age() const;
  std::int64_t sts_fetched() const;                  // ns since 1970
  std::string_view sts_mx(std::size_t index) const;  // empty where there is no such one

  std::string_view host_name(std::size_t host) const;
  std::string_view host_expanded(std::size_t host) const;
  std::string_view host_tlsa_base(std::size_t host) const;
  ReasonView host_tlsa_reason(std::size_t host) const;
  ReasonView host_address_reason(std::size_t host) const;
  // Empty where there is no such one.
  std::string_view host_name_allowed(std::size_t host, std::size_t index) const;  // for usage 2
  wire::IpAddress host_address(std::size_t host, std::size_t index) const;
  TlsaView host_tlsa(std::size_t host, std::size_t index) const;

 private:
  Bytes part(std::size_t at) const;
  std::string_view text(std::size_t at) const;
  ReasonView reason(std::size_t at) const;
  std::size_t host_at(std::size_t host) const;
  static std::string_view nth_name(Bytes list, std::size_t index);

  Bytes bytes_;
  std::size_t first_host_ = 0;
  DomainHead head_;
};

}  // namespace postern::policy
