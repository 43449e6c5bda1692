// Lookups that wait: see the header.
#include "firmware/control/resolver/lookup.hpp"

#include <event2/event.h>

#include "firmware/control/resolver/dns/context.hpp"
#include "firmware/control/resolver/event_loop.hpp"
#include "firmware/mail/domain.hpp"
#include "firmware/wire/address.hpp"
#include "platform/clock/clock.hpp"

namespace postern::resolver {

namespace {

std::string library_address(const wire::IpAddress& address, std::uint16_t port) {
  return address.text() + "@" + std::to_string(port);
}

// "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53".
std::optional<wire::Endpoint> endpoint_of(std::string_view text) {
  if (const auto bare = wire::IpAddress::parse(text)) return wire::Endpoint{*bare, 53};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto address = wire::IpAddress::parse(host);
  const int port = std::atoi(std::string(text.substr(colon + 1)).c_str());
  if (!address || port < 1 || port > 65535) return std::nullopt;
  return wire::Endpoint{*address, static_cast<std::uint16_t>(port)};
}

// Stands where MTA-STS is switched off: nobody asks it, and who did would hear nothing until the deadline.
class NoFetcher final : public Fetcher {
  void fetch(FetchRequest, Done) override {}
};

}  // namespace

struct Lookups::State {
  LookupOptions options;
  EventLoop loop;
  std::unique_ptr<DnsContext> dns;
  std::unique_ptr<Fetcher> https = std::make_unique<NoFetcher>();

  // Runs the loop until `over`; each alarm is called once when its time is there.
  struct Alarm {
    Duration after;
    std::function<void()> call;
  };
  void run_until(const bool& over, std::vector<Alarm> alarms) {
    const auto began = clock::kernel_instant();
    while (!over) {
      loop.turn(std::chrono::milliseconds(50));
      const auto passed = clock::kernel_instant() - began;
      for (auto& alarm : alarms) {
        if (!over && alarm.call && passed >= alarm.after) std::exchange(alarm.call, nullptr)();
      }
    }
  }
};

Result<LookupOptions, Fault> tool_options(std::string_view dns, std::string_view trust_anchor) {
  LookupOptions options;
  if (!dns.empty()) {
    const auto server = endpoint_of(dns);
    if (!server) return fault("'" + std::string(dns) + "' is no address with a port");
    options.dns.forwarders = {library_address(server->address, server->port)};
    options.https.allow_private = true;
  }
  options.dns.fixed_anchor_file = trust_anchor;
  return options;
}

Lookups::Lookups(std::unique_ptr<State> state) : state_(std::move(state)) {}
Lookups::~Lookups() = default;

Result<std::unique_ptr<Lookups>, Fault> Lookups::create(const LookupOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  if (options.rules.mta_sts) {
    auto& https = state->options.https;
    if (https.anchors_pem.empty()) {
      auto anchors = read_https_anchors(options.https_anchors);
      if (!anchors) return tl::unexpected(anchors.error());
      https.anchors_pem = std::move(*anchors);
    }
    auto client = HttpsClient::create(state->loop.base(), https);
    if (!client) return tl::unexpected(client.error());
    state->https = std::move(*client);
  }
  auto dns = DnsContext::create(state->loop.base(), options.dns, clock::kernel_wall());
  if (!dns) return tl::unexpected(dns.error());
  state->dns = std::move(*dns);
  return std::unique_ptr<Lookups>(new Lookups(std::move(state)));
}

DomainFound Lookups::domain(const std::string& domain, const StsMemory& remembered) {
  DomainFound found;
  bool over = false;
  const auto tell = [&](std::string line) { found.trail.push_back(std::move(line)); };
  auto lookup = std::make_shared<DomainLookup>(
      *state_->dns, *state_->https, clock::kernel_wall,
      DomainLookup::Plan{.domain = domain, .rules = state_->options.rules, .sts = remembered}, tell);
  lookup->start([&](DomainLookup::Result result) {
    found.facts = std::move(result.facts);
    found.sts = std::move(result.sts);
    over = true;
  });
  state_->run_until(over, {{state_->options.dns_deadline, [&] { lookup->give_up_dns(); }},
                           {state_->options.deadline, [&] { lookup->give_up(); }}});
  return found;
}

HostFound Lookups::host(const std::string& host, std::uint16_t port) {
  HostFound found;
  bool over = false;
  auto lookup = std::make_shared<HostLookup>(
      *state_->dns, HostLookup::Plan{.name = host, .preference = 0, .port = port, .ask_tlsa = true},
      [&](std::string line) { found.trail.push_back(std::move(line)); });
  lookup->start([&] { over = true; });
  state_->run_until(over, {{state_->options.dns_deadline, [&] { lookup->give_up(); }}});
  found.host = lookup->host();
  return found;
}

AnswerFound Lookups::answer(const std::string& name, Type type) {
  // The answer may come when nobody waits any longer.
  struct Wait {
    bool over = false;
    Answer answer;
  };
  const auto wait = std::make_shared<Wait>();
  state_->dns->ask(name, type, [wait](Answer answer) {
    if (wait->over) return;
    wait->answer = std::move(answer);
    wait->over = true;
  });
  state_->run_until(wait->over, {{state_->options.dns_deadline, [&] {
                                    wait->answer = no_answer(name, "no answer in time");
                                    wait->over = true;
                                  }}});
  return {wait->answer, {std::string(text(type)) + " " + name + ": " + describe(wait->answer)}};
}

Result<DomainFound, Fault> look_up(const std::string& domain, const LookupOptions& options) {
  auto lookups = Lookups::create(options);
  if (!lookups) return tl::unexpected(lookups.error());
  return (*lookups)->domain(domain);
}

Result<HostFound, Fault> look_up_host(const std::string& host, std::uint16_t port,
                                      const LookupOptions& options) {
  auto own = options;
  own.rules.mta_sts = false;
  auto lookups = Lookups::create(own);
  if (!lookups) return tl::unexpected(lookups.error());
  return (*lookups)->host(host, port);
}

std::optional<std::string> lookup_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  auto labels = mail::to_a_labels(name);
  if (!is_host_name(labels)) return std::nullopt;
  return labels;
}

}  // namespace postern::resolver
