#include "firmware/dkim/keyring.hpp"

#include "firmware/mail/domain.hpp"
#include "firmware/mail/header.hpp"

namespace postern::dkim {

Result<void> Keyring::add(std::string_view domain, std::string_view selector, std::string_view pem,
                          Service service) {
  const auto name = mail::to_a_labels(domain);
  const auto chosen = mail::to_a_labels(selector);
  if (!mail::is_domain(name, false)) return fail("the domain to sign for is no domain");
  if (!mail::is_domain(chosen, false)) return fail("the selector is no domain name");
  if (const auto found = by_domain_.find(name);
      found != by_domain_.end() && found->second.size() == kMostPerDomain)
    return fail("the domain has more keys than a message could carry signatures");
  auto key = Key::from_pem(pem);
  if (!key) return tl::unexpected(key.error());
  signers_.push_back({name, chosen, std::move(*key), service, signers_.size()});
  auto& all = by_domain_[name];
  all.insert(service == Service::tls_reports ? all.begin() : all.end(), &signers_.back());
  return {};
}

Keyring::Chosen Keyring::choose(std::string_view author_domain, bool report) {
  while (!author_domain.empty()) {
    Chosen chosen;
    if (const auto found = by_domain_.find(author_domain); found != by_domain_.end()) {
      for (auto* signer : found->second) {
        if (report || signer->service == Service::any) chosen.push_back(signer);
      }
    }
    if (!chosen.empty()) return chosen;
    const auto dot = author_domain.find('.');
    author_domain.remove_prefix(dot == std::string_view::npos ? author_domain.size() : dot + 1);
  }
  return {};
}

bool is_tls_report(std::string_view header_section) {
  mail::HeaderField field;
  return mail::find_header(header_section, "TLS-Report-Domain", field);
}

}  // namespace postern::dkim
