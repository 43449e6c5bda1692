// The DNS assistant: see the header. RFC 5321 §5.1, RFC 7208, RFC 7489, RFC 8461 §3.1, RFC 8460 §3, RFC 7672.
#include "firmware/control/admin/lookup/assistant.hpp"

#include <algorithm>

namespace postern::admin {

namespace {

using resolver::Answer;

constexpr std::size_t kLongestString = 255;  // of one string of a TXT record, RFC 1035 §3.3

// A TXT value as a zone file wants it: strings of at most 255 bytes.
std::string quoted(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size() || at == 0; at += kLongestString)
    out += (at == 0 ? "\"" : " \"") + text.substr(at, kLongestString) + "\"";
  return out;
}

struct Record {
  Json json;
  Record(const char* kind, std::string who) {
    json = {{"kind", kind},          {"state", "good"},       {"text", ""},     {"who", std::move(who)},
            {"have", Json::array()}, {"need", Json::array()}, {"zone_text", ""}};
  }
  Record& state(const char* state, std::string text) {
    json["state"] = state;
    json["text"] = std::move(text);
    return *this;
  }
  void need(const std::string& name, const char* type, const std::string& value, int priority = -1) {
    Json one{{"name", name + "."}, {"type", type}, {"value", value}};
    if (priority >= 0) one["priority"] = priority;
    json["need"].push_back(std::move(one));
    const bool text = std::string_view(type) == "TXT";
    json["zone_text"] = json["zone_text"].get<std::string>() + name + ". IN " + type + " " +
                        (priority >= 0 ? std::to_string(priority) + " " : "") +
                        (text ? quoted(value) : value) + "\n";
  }
  void have(std::string text) { json["have"].push_back(std::move(text)); }
};

std::string why_of(const Answer& answer) {
  return answer.reason.text.empty() ? "the lookup failed" : "the lookup failed: " + answer.reason.text;
}

bool starts_like(std::string text, std::string_view front) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.starts_with(front);
}

std::vector<std::string> texts_like(const Answer& answer, std::string_view front) {
  std::vector<std::string> found;
  for (const auto& text : answer.texts) {
    if (starts_like(text, front)) found.push_back(text);
  }
  return found;
}

Json mx_record(const DomainAnswers& all) {
  Record record("MX", "dns_operator");
  for (const auto& one : all.mx.mx) record.have(std::to_string(one.preference) + " " + one.host + ".");
  record.need(all.domain, "MX", all.host_name + ".", 10);
  if (!all.mx.known()) return record.state("unknown", why_of(all.mx)).json;
  const bool ours = std::any_of(all.mx.mx.begin(), all.mx.mx.end(),
                                [&](const auto& one) { return one.host == all.host_name; });
  if (ours && all.mx.mx.size() == 1)
    return record.state("good", "mail for this domain comes to this box").json;
  if (ours)
    return record.state("advice", "mail comes to this box and to other hosts as well; is that meant?").json;
  if (all.mx.mx.empty())
    return record.state("missing", "nobody is named who takes mail for this domain").json;
  return record.state("wrong", "mail for this domain goes elsewhere").json;
}

Json address_record(const DomainAnswers& all) {
  Record record("A", "dns_operator");
  std::vector<std::string> found;
  for (const auto* answer : {&all.host_a, &all.host_aaaa}) {
    for (const auto& address : answer->addresses) found.push_back(address.text());
  }
  for (const auto& address : found) record.have(all.host_name + " " + address);
  for (const auto& address : all.addresses)
    record.need(all.host_name, address.find(':') == std::string::npos ? "A" : "AAAA", address);
  if (!all.host_a.known() && !all.host_aaaa.known()) return record.state("unknown", why_of(all.host_a)).json;
  if (found.empty()) return record.state("missing", "the box's own name has no address").json;
  const bool ours = std::any_of(found.begin(), found.end(), [&](const auto& address) {
    return std::find(all.addresses.begin(), all.addresses.end(), address) != all.addresses.end();
  });
  if (all.addresses.empty() || ours) return record.state("good", "the box's name leads to the box").json;
  return record
      .state("advice",
             "the name leads to other addresses than the box has: is there a translation in between?")
      .json;
}

Json spf_record(const DomainAnswers& all) {
  Record record("SPF", "dns_operator");
  const auto found = texts_like(all.spf, "v=spf1");
  for (const auto& text : found) record.have(text);
  record.need(all.domain, "TXT", "v=spf1 mx -all");
  if (!all.spf.known()) return record.state("unknown", why_of(all.spf)).json;
  if (found.empty())
    return record.state("missing", "others cannot tell which hosts send for this domain").json;
  if (found.size() > 1)
    return record.state("wrong", "there may be one only: with two, all of it is an error").json;
  const bool names_us =
      found[0].find("mx") != std::string::npos || found[0].find(all.host_name) != std::string::npos ||
      found[0].find("ip4:") != std::string::npos || found[0].find("ip6:") != std::string::npos;
  if (!names_us)
    return record.state("advice", "it does not name this box by mx, by its name or by an address").json;
  if (found[0].find("+all") != std::string::npos)
    return record.state("wrong", "+all lets anybody send for this domain").json;
  return record.state("good", "hosts that send for this domain are named").json;
}

Json dkim_record(const DomainAnswers& all) {
  Record record("DKIM", "dns_operator");
  if (all.dkim.empty())
    return record.state("advice", "no key signs this domain's mail: make one on the page of keys").json;
  bool missing = false;
  bool wrong = false;
  bool unknown = false;
  for (std::size_t i = 0; i < all.dkim.size(); ++i) {
    const auto& key = all.dkim[i];
    record.need(key.name, "TXT", key.record);
    const auto& answer = i < all.dkim_texts.size() ? all.dkim_texts[i] : Answer{};
    for (const auto& text : answer.texts) record.have(text);
    unknown |= !answer.known();
    missing |= answer.known() && answer.texts.empty();
    const auto same = std::find(answer.texts.begin(), answer.texts.end(), key.record) != answer.texts.end();
    wrong |= !answer.texts.empty() && !same;
  }
  if (wrong) return record.state("wrong", "a key in the DNS is not the one that signs").json;
  if (missing) return record.state("missing", "a key that signs is not in the DNS").json;
  if (unknown) return record.state("unknown", "the lookup failed").json;
  return record.state("good", "the keys that sign are in the DNS").json;
}

Json dmarc_record(const DomainAnswers& all) {
  Record record("DMARC", "domain_owner");
  const auto found = texts_like(all.dmarc, "v=dmarc1");
  for (const auto& text : found) record.have(text);
  record.need("_dmarc." + all.domain, "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + all.domain);
  if (!all.dmarc.known()) return record.state("unknown", why_of(all.dmarc)).json;
  if (found.empty())
    return record.state("missing", "others are not told what to do with mail that is not from you").json;
  if (found.size() > 1) return record.state("wrong", "there may be one only").json;
  if (found[0].find("p=none") != std::string::npos)
    return record
        .state("advice", "p=none only watches; go to quarantine or reject once the reports are clean")
        .json;
  return record.state("good", "others are told what to do with forged mail").json;
}

Json one_text(const char* kind, const Answer& answer, const std::string& name, const std::string& front,
              const std::string& value, const char* missing, const char* good) {
  Record record(kind, "dns_operator");
  const auto found = texts_like(answer, front);
  for (const auto& text : found) record.have(text);
  record.need(name, "TXT", value);
  if (!answer.known()) return record.state("unknown", why_of(answer)).json;
  if (found.empty()) return record.state("missing", missing).json;
  if (found.size() > 1) return record.state("wrong", "there may be one only").json;
  return record.state("good", good).json;
}

std::string hex_of(const std::vector<std::uint8_t>& bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) text.append({kHex[byte >> 4], kHex[byte & 15]});
  return text;
}

Json tlsa_record(const DomainAnswers& all) {
  Record record("TLSA", "dns_operator");
  bool ours = false;
  for (const auto& one : all.tlsa.tlsa) {
    const auto text = std::to_string(one.usage) + " " + std::to_string(one.selector) + " " +
                      std::to_string(one.matching) + " " + hex_of(one.data);
    record.have(text);
    ours |= !all.spki_sha256.empty() && text == "3 1 1 " + all.spki_sha256;
  }
  const auto name = "_25._tcp." + all.host_name;
  if (!all.spki_sha256.empty()) record.need(name, "TLSA", "3 1 1 " + all.spki_sha256);
  if (!all.tlsa.known()) return record.state("unknown", why_of(all.tlsa)).json;
  if (!all.host_a.secure() && !all.host_aaaa.secure())
    return record.state("advice", "TLSA counts only where the name's zone is signed; see DNSSEC").json;
  if (all.tlsa.tlsa.empty())
    return record.state("missing", "others cannot insist on this box's key (DANE)").json;
  if (all.spki_sha256.empty()) return record.state("unknown", "the box's own key is not known here").json;
  if (!ours)
    return record.state("wrong", "no record fits the box's key: mail of senders who look will wait").json;
  return record.state("good", "others can insist on this box's key").json;
}

Json dnssec_record(const DomainAnswers& all) {
  Record record("DNSSEC", "domain_owner");
  if (!all.mx.known()) {
    const bool bogus = all.mx.security == policy::Security::bogus;
    return bogus ? record.state("wrong", "the signatures do not hold: " + all.mx.reason.text).json
                 : record.state("unknown", why_of(all.mx)).json;
  }
  record.have(all.mx.secure() ? "signed" : "not signed");
  if (all.mx.secure()) return record.state("good", "answers about this domain are signed").json;
  return record
      .state("advice", "the domain is not signed; DANE needs that. Whoever hosts the zone can switch it on")
      .json;
}

Json caa_record(const DomainAnswers& all) {
  Record record("CAA", "domain_owner");
  record.need(all.host_name, "CAA", "0 issue \"letsencrypt.org\"");
  return record
      .state("advice",
             "this box does not look CAA up; a record that names your authority keeps others from issuing")
      .json;
}

}  // namespace

Json advice(const DomainAnswers& all) {
  Json records = Json::array();
  records.push_back(mx_record(all));
  records.push_back(address_record(all));
  records.push_back(spf_record(all));
  records.push_back(dkim_record(all));
  records.push_back(dmarc_record(all));
  records.push_back(one_text("MTA-STS", all.mta_sts, "_mta-sts." + all.domain, "v=stsv1", "v=STSv1; id=1",
                             "others are not told to insist on TLS towards you", "a policy is announced"));
  records.push_back(one_text("TLSRPT", all.tlsrpt, "_smtp._tls." + all.domain, "v=tlsrptv1",
                             "v=TLSRPTv1; rua=mailto:tls-reports@" + all.domain,
                             "nobody tells you when TLS towards you fails",
                             "others report how TLS towards you fared"));
  records.push_back(tlsa_record(all));
  records.push_back(caa_record(all));
  records.push_back(dnssec_record(all));
  std::string zone;
  for (const auto& record : records) {
    if (record["state"] == "missing" || record["state"] == "wrong")
      zone += record["zone_text"].get<std::string>();
  }
  return {{"domain", all.domain}, {"records", std::move(records)}, {"zone_text", zone}};
}

}  // namespace postern::admin
