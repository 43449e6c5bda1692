// The resolver's lookups inside a program of one's own, waiting for each: for command-line tools and for
// processes that ask seldom. The resolver process itself does the same without waiting (service/).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/resolver/dns/options.hpp"
#include "firmware/control/resolver/domain/domain_lookup.hpp"
#include "firmware/control/resolver/sts/https_client.hpp"
#include "platform/base/result.hpp"

namespace postern::resolver {

struct LookupOptions {
  DnsOptions dns;
  DomainRules rules;
  HttpsOptions https;  // `anchors_pem` is filled in from `https_anchors`
  std::string https_anchors = "/etc/ssl/certs/ca-certificates.crt";
  Duration dns_deadline = std::chrono::seconds(30);  // for all DNS of one lookup
  Duration deadline = std::chrono::seconds(90);      // for all of it
};

// From a tool's --dns ADDR:PORT and --trust-anchor FILE; empty: the internet's root servers, Debian's copy of
// the root's key. Private policy hosts are allowed where --dns is given.
Result<LookupOptions, Fault> tool_options(std::string_view dns, std::string_view trust_anchor);

struct DomainFound {
  policy::Facts facts;
  StsMemory sts;                   // to be remembered
  std::vector<std::string> trail;  // what was asked and what came, line by line
};
struct HostFound {
  policy::Host host;
  std::vector<std::string> trail;
};
struct AnswerFound {
  Answer answer;
  std::vector<std::string> trail;
};

// One thread only. Remembers DNS answers from one lookup to the next.
class Lookups {
 public:
  static Result<std::unique_ptr<Lookups>, Fault> create(const LookupOptions& options);
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // `remembered`: an MTA-STS policy fetched earlier.
  DomainFound domain(const std::string& domain, const StsMemory& remembered = {});
  // A host's addresses and TLSA records (`check dane HOST:PORT`); its own name counts as asked for securely.
  HostFound host(const std::string& host, std::uint16_t port = 25);
  // Any one question: TXT of `_smtp._tls.` and a domain, for one.
  AnswerFound answer(const std::string& name, Type type);

  struct State;

 private:
  explicit Lookups(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One lookup with everything made for it.
Result<DomainFound, Fault> look_up(const std::string& domain, const LookupOptions& options);
Result<HostFound, Fault> look_up_host(const std::string& host, std::uint16_t port,
                                      const LookupOptions& options);

// A name as it is written by people, as lower case A-labels without a final dot; nothing where it is none.
std::optional<std::string> lookup_name(std::string_view text);

}  // namespace postern::resolver
