// The DNS assistant: what a served domain has, what it needs, who has to change it, and text to copy. Pure:
// answers in, advice out.
#pragma once

#include <string>
#include <vector>

#include "firmware/control/admin/api/problem.hpp"
#include "firmware/control/resolver/dns/answer.hpp"

namespace postern::admin {

// A key that signs the domain's mail, as the keystore tells it.
struct DkimRecord {
  std::string name;    // "s1._domainkey.example.org"
  std::string record;  // "v=DKIM1; ..."
  std::string state;
};

// All that was asked about one domain.
struct DomainAnswers {
  std::string domain;
  std::string host_name;               // ours
  std::vector<std::string> addresses;  // ours
  std::string spki_sha256;             // of the certificate mail servers see; empty: not known
  std::vector<DkimRecord> dkim;
  resolver::Answer mx;
  resolver::Answer host_a;
  resolver::Answer host_aaaa;
  resolver::Answer spf;                      // TXT of the domain
  resolver::Answer dmarc;                    // TXT of _dmarc
  resolver::Answer mta_sts;                  // TXT of _mta-sts
  resolver::Answer tlsrpt;                   // TXT of _smtp._tls
  resolver::Answer tlsa;                     // of _25._tcp.host
  std::vector<resolver::Answer> dkim_texts;  // one for each of `dkim`
};

// {"domain", "records": [...], "zone_text"}, without times.
Json advice(const DomainAnswers& answers);

}  // namespace postern::admin
