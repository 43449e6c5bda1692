// One mail host: its addresses, whether they can be believed, and the TLSA records that go with them.
//
//   A and AAAA side by side -> (an unsigned end of CNAMEs: is the first CNAME signed?) -> TLSA
//
// TLSA is asked for only where the way to the addresses is signed: broken name servers of unsigned zones are
// not asked what they cannot answer. RFC 7672 §2.2.2, §2.2.3.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/control/resolver/dns/asker.hpp"
#include "firmware/control/resolver/domain/trail.hpp"
#include "firmware/policy/facts.hpp"

namespace postern::resolver {

// "secure, through CNAME to mx.example.net".
std::string describe(const Answer& answer);

class HostLookup : public std::enable_shared_from_this<HostLookup> {
 public:
  struct Plan {
    std::string name;
    std::uint16_t preference = 0;
    std::uint16_t port = 25;
    bool ask_tlsa = true;  // the MX answer was secure, or the operator does not mind
  };
  using Done = std::function<void()>;

  HostLookup(Asker& asker, Plan plan, Trail trail);
  // `done` is called once; afterwards host() and ttl() hold.
  void start(Done done);
  // Nothing more is waited for: what is open has failed.
  void give_up();

  const policy::Host& host() const { return host_; }
  // Seconds all of it holds; failures have none.
  std::uint32_t ttl() const { return ttl_; }
  bool failed_somewhere() const { return failed_; }

 private:
  void ask(const std::string& name, Type type, void (HostLookup::*then)(Answer));
  void on_v4(Answer answer);
  void on_v6(Answer answer);
  void judge_addresses();
  void on_alias(Answer answer);
  void choose_bases();
  void ask_next_base();
  void on_tlsa(Answer answer);
  void settle(policy::HostSecurity security);
  void finish();
  void note(const Answer& answer);
  void tell(const std::string& text) const;

  Asker& asker_;
  Plan plan_;
  Trail trail_;
  Done done_;
  policy::Host host_;
  Answer v4_;
  Answer v6_;
  int waiting_ = 0;
  bool over_ = false;
  bool failed_ = false;
  std::uint32_t ttl_ = ~std::uint32_t{0};
  std::vector<std::string> bases_;  // still to be asked, the next one last
};

}  // namespace postern::resolver
