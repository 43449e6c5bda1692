#include "firmware/control/reporter/service/real_outside.hpp"

#include <sodium.h>

#include <algorithm>

#include "firmware/control/outbox/outbox.hpp"
#include "firmware/control/reporter/send/https_post.hpp"
#include "firmware/control/resolver/sts/forbidden_address.hpp"
#include "firmware/mail/header.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::reporter {
namespace {

constexpr std::size_t kArenaBytes = 16u << 20;
constexpr std::size_t kMostAddresses = 6;

std::string why_of(const resolver::Answer& answer) {
  const auto& reason = answer.reason;
  return reason.text.empty() ? "the lookup failed" : reason.text;
}

}  // namespace

Result<std::unique_ptr<RealOutside>, Fault> RealOutside::create(const ServiceOptions& options) {
  std::unique_ptr<RealOutside> made(new RealOutside());
  made->outbox_ = control::outbox_directory(options.database);
  made->allow_private_ = options.allow_private;
  if (auto ready = control::prepare_outbox(made->outbox_); !ready) return tl::unexpected(ready.error());
  const auto seed = rng::system_seed();
  if (!seed) return tl::unexpected(seed.error());
  tls::Settings settings;
  settings.arena_bytes = kArenaBytes;
  auto core = tls::Core::create(settings, {}, {}, *seed, made->counters_);
  if (!core) return tl::unexpected(core.error());
  made->tls_ = std::move(*core);
  auto lookups = resolver::Lookups::create(options.lookup);
  if (!lookups) return tl::unexpected(lookups.error());
  made->lookups_ = std::move(*lookups);
  return made;
}

Texts RealOutside::texts(const std::string& name) {
  const auto found = lookups_->answer(name, resolver::Type::txt);
  if (!found.answer.known()) return {.known = false, .texts = {}, .why = why_of(found.answer)};
  return {.known = true, .texts = found.answer.texts, .why = {}};
}

std::optional<policy::Facts> RealOutside::facts(const std::string& domain) {
  return lookups_->domain(domain).facts;
}

Handed RealOutside::post(const Rua& rua, std::string_view packed) {
  std::vector<wire::IpAddress> addresses;
  std::string why = rua.host + " has no address that may be asked";
  for (const auto type : {resolver::Type::aaaa, resolver::Type::a}) {
    const auto found = lookups_->answer(rua.host, type);
    if (!found.answer.known()) why = rua.host + ": " + why_of(found.answer);
    addresses.insert(addresses.end(), found.answer.addresses.begin(), found.answer.addresses.end());
  }
  // A record must not make us knock at doors inside the network.
  if (!allow_private_) std::erase_if(addresses, resolver::is_forbidden);
  if (addresses.empty()) return {Handed::Kind::later, why};
  if (addresses.size() > kMostAddresses) addresses.resize(kMostAddresses);
  return https_post(*tls_, rua, addresses, packed);
}

Handed RealOutside::mail(const OutgoingMail& mail) {
  mail::HeaderField id;
  const auto name = mail::find_header(mail.message, "Message-ID", id) ? id.unfolded() : std::string("report");
  const auto put = control::put_in_outbox(outbox_, name + "." + mail.to, {mail.from, mail.to, mail.message});
  if (!put) return {Handed::Kind::later, put.error().reason};
  return {Handed::Kind::accepted, "handed to the queue"};
}

std::uint64_t RealOutside::random(std::uint64_t limit) {
  if (limit < 2) return 0;
  std::uint64_t number = 0;
  ::randombytes_buf(&number, sizeof number);
  return number % limit;  // limits are far below 2^64 but for ids, where any number will do
}

}  // namespace postern::reporter
