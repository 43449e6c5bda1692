// One DNS question's answer as a value: what it came to, how far it can be believed, and the records.
//
// read_answer() takes any bytes whatever. Names are lower case without a final dot; a name that is not one of
// letters, digits, hyphens and underscores is given as it is written in text form and no host can have it.
// RFC 1035 §4, RFC 4035 §4.3, RFC 6698 §2.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/policy/facts.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"

namespace postern::resolver {

enum class Type : std::uint16_t { a = 1, cname = 5, mx = 15, txt = 16, aaaa = 28, tlsa = 52, dnskey = 48 };
std::string_view text(Type type);

enum class Outcome : std::uint8_t {
  data,
  no_data,  // the name exists, the type does not
  no_name,  // the name does not exist
  unknown,  // bogus or failed
};

struct MxRecord {
  std::uint16_t preference = 0;
  std::string host;  // empty: the root, RFC 7505 §3
  bool operator==(const MxRecord&) const = default;
};

struct Answer {
  Outcome outcome = Outcome::unknown;
  policy::Security security = policy::Security::failed;  // of the whole chain of CNAMEs
  policy::Reason reason;                                 // of bogus and failed
  std::string owner;      // at the end of the CNAMEs; the name asked where there are none
  bool alias = false;     // there was at least one CNAME
  std::uint32_t ttl = 0;  // seconds, the least of all

  std::vector<MxRecord> mx;
  std::vector<wire::IpAddress> addresses;
  std::vector<policy::Tlsa> tlsa;
  std::vector<std::string> texts;  // the strings of a TXT record joined

  bool known() const { return outcome != Outcome::unknown; }
  bool secure() const { return known() && security == policy::Security::secure; }
  bool has_data() const { return outcome == Outcome::data; }
};

struct Verdict {
  int rcode = 0;
  bool secure = false;
  bool bogus = false;
  std::string_view why;  // of bogus and of failures
};

// Longest chain of CNAMEs that is followed; longer ones and loops are failures.
inline constexpr int kMostAliases = 16;
inline constexpr std::size_t kMostRecords = 256;

Answer read_answer(std::string_view name, Type type, const Verdict& verdict, Bytes packet);
// An answer that never came, or that was not even asked for.
Answer no_answer(std::string_view name, std::string_view why);

// Letters, digits, hyphens and underscores in labels of 1 to 63, at most 253 in all.
bool is_host_name(std::string_view name);

}  // namespace postern::resolver
