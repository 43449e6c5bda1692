// A DNS answer read: see the header.
#include "firmware/control/resolver/dns/answer.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "firmware/control/resolver/dns/ldns.hpp"
#include "firmware/control/resolver/dns/reasons.hpp"

namespace postern::resolver {

namespace {

constexpr int kNoSuchName = 3;  // RFC 1035 §4.1.1

struct FreePacket {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
using Packet = std::unique_ptr<ldns_pkt, FreePacket>;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

Bytes bytes_of(const ldns_rdf* field) {
  if (field == nullptr || ldns_rdf_data(field) == nullptr) return {};
  return {ldns_rdf_data(field), ldns_rdf_size(field)};
}

// The text of an uncompressed name; labels with odd octets are written with \DDD and fit no host.
std::optional<std::string> name_of(const ldns_rdf* field) {
  if (field == nullptr || ldns_rdf_get_type(field) != LDNS_RDF_TYPE_DNAME) return std::nullopt;
  Bytes rest = bytes_of(field);
  std::string name;
  while (!rest.empty() && rest[0] != 0) {
    const std::size_t length = rest[0];
    if (length > 63 || length + 1 > rest.size()) return std::nullopt;
    if (!name.empty()) name.push_back('.');
    for (const char c : as_text(rest.subspan(1, length))) {
      const auto octet = static_cast<unsigned char>(c);
      if (c > ' ' && octet < 127 && c != '.' && c != '\\') {
        name.push_back(lower(c));
      } else {
        const auto digits = std::to_string(1000 + octet);
        name += "\\" + digits.substr(1);
      }
    }
    rest = rest.subspan(length + 1);
  }
  if (rest.empty()) return std::nullopt;
  return name;
}

std::string joined_strings(const ldns_rr* record) {
  std::string text;
  for (std::size_t i = 0; i < ldns_rr_rd_count(record); ++i) {
    const Bytes field = bytes_of(ldns_rr_rdf(record, i));
    // The first octet is the length. RFC 1035 §3.3.14.
    if (field.empty() || field[0] + std::size_t{1} > field.size()) continue;
    text += as_text(field.subspan(1, field[0]));
  }
  return text;
}

std::optional<policy::Tlsa> tlsa_of(const ldns_rr* record) {
  if (ldns_rr_rd_count(record) < 4) return std::nullopt;
  std::array<std::uint8_t, 3> head{};
  for (std::size_t i = 0; i < head.size(); ++i) {
    const Bytes field = bytes_of(ldns_rr_rdf(record, i));
    if (field.size() != 1) return std::nullopt;
    head[i] = field[0];
  }
  const Bytes data = bytes_of(ldns_rr_rdf(record, 3));
  return policy::Tlsa{head[0], head[1], head[2], {data.begin(), data.end()}};
}

void take_record(Answer& answer, Type type, const ldns_rr* record) {
  const auto* first = ldns_rr_rd_count(record) > 0 ? ldns_rr_rdf(record, 0) : nullptr;
  const Bytes bytes = bytes_of(first);
  switch (type) {
    case Type::a:
      if (bytes.size() == 4) answer.addresses.push_back(wire::IpAddress::v4(bytes.data()));
      return;
    case Type::aaaa:
      if (bytes.size() == 16) answer.addresses.push_back(wire::IpAddress::v6(bytes.data()));
      return;
    case Type::mx:
      if (bytes.size() != 2 || ldns_rr_rd_count(record) < 2) return;
      if (auto host = name_of(ldns_rr_rdf(record, 1)))
        answer.mx.push_back({load_be16(bytes.data()), std::move(*host)});
      return;
    case Type::txt:
      answer.texts.push_back(joined_strings(record));
      return;
    case Type::tlsa:
      if (auto tlsa = tlsa_of(record)) answer.tlsa.push_back(std::move(*tlsa));
      return;
    case Type::cname:
    case Type::dnskey:
      return;
  }
}

// Follows the CNAMEs in the answer from the name asked; false: a loop, or too long a chain.
bool follow(Answer& answer, const ldns_rr_list* records) {
  for (int hops = 0; hops <= kMostAliases; ++hops) {
    std::optional<std::string> next;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(records) && !next; ++i) {
      const auto* record = ldns_rr_list_rr(records, i);
      if (ldns_rr_get_type(record) != LDNS_RR_TYPE_CNAME || ldns_rr_rd_count(record) == 0) continue;
      if (name_of(ldns_rr_owner(record)) == answer.owner) next = name_of(ldns_rr_rdf(record, 0));
    }
    if (!next) return true;
    answer.owner = std::move(*next);
    answer.alias = true;
  }
  return false;
}

void keep_least_ttl(Answer& answer, const ldns_rr_list* records, bool& first) {
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
    const auto ttl = ldns_rr_ttl(ldns_rr_list_rr(records, i));
    answer.ttl = first ? ttl : std::min(answer.ttl, ttl);
    first = false;
  }
}

void take_records(Answer& answer, Type type, const ldns_pkt* packet) {
  const auto* records = ldns_pkt_answer(packet);
  bool any = false;
  std::size_t count = 0;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records) && count < kMostRecords; ++i) {
    const auto* record = ldns_rr_list_rr(records, i);
    if (static_cast<std::uint16_t>(ldns_rr_get_type(record)) != static_cast<std::uint16_t>(type)) continue;
    if (name_of(ldns_rr_owner(record)) != answer.owner) continue;
    any = true;
    ++count;
    take_record(answer, type, record);
  }
  answer.outcome = any ? Outcome::data : Outcome::no_data;
}

std::string failure_text(const Verdict& verdict) {
  if (!verdict.why.empty()) return std::string(verdict.why);
  constexpr std::array<std::string_view, 6> kNames{"", "FORMERR", "", "", "NOTIMP", "REFUSED"};
  const auto code = static_cast<std::size_t>(verdict.rcode);
  if (code < kNames.size() && !kNames[code].empty())
    return "the name servers say " + std::string(kNames[code]);
  return {};
}

}  // namespace

std::string_view text(Type type) {
  switch (type) {
    case Type::a:
      return "A";
    case Type::cname:
      return "CNAME";
    case Type::mx:
      return "MX";
    case Type::txt:
      return "TXT";
    case Type::aaaa:
      return "AAAA";
    case Type::tlsa:
      return "TLSA";
    case Type::dnskey:
      return "DNSKEY";
  }
  return "?";
}

Answer no_answer(std::string_view name, std::string_view why) {
  Answer answer;
  answer.owner = name;
  answer.reason = failed_reason(why);
  return answer;
}

Answer read_answer(std::string_view name, Type type, const Verdict& verdict, Bytes bytes) {
  if (verdict.bogus) {
    auto answer = no_answer(name, {});
    answer.security = policy::Security::bogus;
    answer.reason = bogus_reason(verdict.why);
    return answer;
  }
  if (verdict.rcode != 0 && verdict.rcode != kNoSuchName) return no_answer(name, failure_text(verdict));
  ldns_pkt* raw = nullptr;
  const auto status = ldns_wire2pkt(&raw, bytes.data(), bytes.size());
  const Packet packet(raw);
  if (status != LDNS_STATUS_OK || !packet) return no_answer(name, "the answer cannot be read");
  // The library gives NXDOMAIN in the message only.
  const int rcode = ldns_pkt_get_rcode(packet.get());
  if (rcode != 0 && rcode != kNoSuchName) return no_answer(name, failure_text({.rcode = rcode, .why = {}}));
  Answer answer;
  answer.owner = name;
  if (type != Type::cname && !follow(answer, ldns_pkt_answer(packet.get()))) {
    return no_answer(name, "its CNAME records form a loop or too long a chain");
  }
  take_records(answer, type, packet.get());
  if (rcode == kNoSuchName) answer.outcome = Outcome::no_name;
  answer.security = verdict.secure ? policy::Security::secure : policy::Security::insecure;
  bool first = true;
  keep_least_ttl(answer, ldns_pkt_answer(packet.get()), first);
  // Of a negative answer, the SOA record has the time. RFC 2308 §5.
  if (!answer.has_data()) keep_least_ttl(answer, ldns_pkt_authority(packet.get()), first);
  return answer;
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  for (const char c : name) {
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if ((c != '.' && !letter) || label > 63) return false;
  }
  return label != 0;
}

}  // namespace postern::resolver
