// The keys of all domains, and which of them sign a message.
//
// A message is signed for the domain of its author (the From field), because that is what DMARC looks at
// (RFC 9989's alignment, RFC 7489 §3.1): with the keys of that very domain or else of the nearest parent that
// has any. Several keys of a domain (one RSA, one Ed25519) make several signatures. Keys for TLS reports sign
// those only, beside the others.
#pragma once

#include <boost/container/static_vector.hpp>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/dkim/draft.hpp"
#include "firmware/dkim/key.hpp"
#include "platform/base/result.hpp"

namespace postern::dkim {

struct Signer {
  std::string domain;
  std::string selector;
  Key key;
  Service service = Service::any;
  std::size_t number = 0;  // in the order in which they were added
};

class Keyring {
 public:
  // Errors: a name that is no domain, a key that is none, too many of a domain; the ring is as before then.
  Result<void> add(std::string_view domain, std::string_view selector, std::string_view pem,
                   Service service = Service::any);
  bool empty() const { return signers_.empty(); }
  std::size_t size() const { return signers_.size(); }

  static constexpr std::size_t kMostPerDomain = 8;
  using Chosen = boost::container::static_vector<Signer*, kMostPerDomain>;
  // The signers for mail of that author domain; empty: nobody signs. `report`: the message is a TLS report.
  Chosen choose(std::string_view author_domain, bool report = false);

 private:
  std::deque<Signer> signers_;                                          // their addresses stay
  std::map<std::string, std::vector<Signer*>, std::less<>> by_domain_;  // those for reports first
};

// The domain of the first author in the From field, lower case, A-labels; empty: there is none to be read.
// RFC 5322 §3.4, §3.6.2.
std::string author_domain(std::string_view header_section);

// The message is a TLS report (RFC 8460 §5.3).
bool is_tls_report(std::string_view header_section);

}  // namespace postern::dkim
