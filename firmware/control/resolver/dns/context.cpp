// One libunbound context on an event loop: see the header.
#include "firmware/control/resolver/dns/context.hpp"

#include <event2/event.h>
#include <unbound-event.h>
#include <unbound.h>

#include <algorithm>
#include <utility>

#include "firmware/control/resolver/dns/library_log.hpp"

namespace postern::resolver {

namespace {

constexpr int kClassInternet = 1;
constexpr int kSecure = 2;
constexpr int kBogus = 1;
constexpr int kServerFailure = 2;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("::1");
}

bool asks_loopback(const DnsOptions& options) {
  const auto any = [](const auto& list) { return std::any_of(list.begin(), list.end(), is_loopback); };
  return any(options.roots) || any(options.forwarders) ||
         std::any_of(options.stubs.begin(), options.stubs.end(),
                     [](const Stub& stub) { return is_loopback(stub.address); });
}

// Names that the library answers by itself on the internet (RFC 6761), but that a laboratory's own tree may
// hold.
constexpr const char* kLocalNames[] = {"test.", "invalid.", "home.arpa."};

}  // namespace

struct DnsContext::Question {
  DnsContext* context = nullptr;
  std::string name;
  Type type = Type::a;
  Done done;
};

Result<std::unique_ptr<DnsContext>, Fault> DnsContext::create(event_base* base, const DnsOptions& options,
                                                              WallTime now) {
  std::unique_ptr<DnsContext> made(new DnsContext());
  made->most_questions_ = options.most_questions;
  made->context_ = ::ub_ctx_create_event(base);
  made->ready_event_ = ::event_new(base, -1, 0, on_ready, made.get());
  if (made->context_ == nullptr || made->ready_event_ == nullptr) return fault("cannot make a DNS resolver");
  if (auto done = made->configure(options, now); !done) return tl::unexpected(done.error());
  return made;
}

DnsContext::~DnsContext() {
  if (context_ != nullptr) ::ub_ctx_delete(context_);
  if (ready_event_ != nullptr) ::event_free(ready_event_);
  for (auto* question : open_) delete question;
}

Result<void, Fault> DnsContext::configure(const DnsOptions& options, WallTime now) {
  std::string failed;
  const auto set = [&](const char* option, const std::string& value) {
    if (::ub_ctx_set_option(context_, option, value.c_str()) != 0)
      failed += " " + std::string(option) + " " + value;
  };
  ::ub_ctx_debugout(context_, library_log());
  set("log-servfail:", "yes");
  set("outgoing-range:", number(options.sockets));
  set("outgoing-num-tcp:", number(std::max<std::uint32_t>(options.sockets / 8, 8)));
  set("num-queries-per-thread:", number(options.most_questions));
  set("rrset-cache-size:", number(options.record_bytes));
  set("msg-cache-size:", number(options.record_bytes / 2));
  set("cache-max-ttl:", number(options.longest_ttl));
  set("cache-max-negative-ttl:", number(options.longest_negative_ttl));
  set("val-bogus-ttl:", number(options.bogus_ttl));
  // Larger answers come over TCP: no fragments that somebody else could have written.
  set("edns-buffer-size:", "1232");
  set("qname-minimisation:", "yes");  // RFC 9156
  set("target-fetch-policy:", "0 0 0 0 0");
  if (asks_loopback(options)) set("do-not-query-localhost:", "no");
  if (!options.fixed_anchor_file.empty()) {
    set("trust-anchor-file:", options.fixed_anchor_file);
  } else if (!options.anchor_file.empty()) {
    set("auto-trust-anchor-file:", options.anchor_file);
  } else {
    set("trust-anchor-file:", options.anchor_start);
  }
  for (const auto& anchor : options.negative_anchors) {
    if (anchor.until > now) set("domain-insecure:", anchor.domain);
  }
  if (!failed.empty()) return fault("the DNS library does not take" + failed);
  return add_servers(options);
}

Result<void, Fault> DnsContext::add_servers(const DnsOptions& options) {
  std::string failed;
  for (const auto& address : options.forwarders) {
    if (::ub_ctx_set_fwd(context_, address.c_str()) != 0) failed += " forwarder " + address;
  }
  for (const auto& address : options.roots) {
    if (::ub_ctx_set_stub(context_, ".", address.c_str(), 0) != 0) failed += " root server " + address;
  }
  for (const auto& stub : options.stubs) {
    if (::ub_ctx_set_stub(context_, stub.zone.c_str(), stub.address.c_str(), 0) != 0)
      failed += " stub " + stub.address;
  }
  if (!failed.empty()) return fault("these are no name servers:" + failed);
  const bool own_tree = !options.forwarders.empty() || !options.roots.empty() || !options.stubs.empty();
  for (const auto* name : kLocalNames) {
    // The first such call makes the context final: what is wrong with the anchors shows here.
    const int result = ::ub_ctx_zone_add(context_, name, own_tree ? "transparent" : "static");
    if (result != 0) {
      return fault(std::string("the DNS resolver does not start: ") + ::ub_strerror(result) +
                   "; are the trust anchors readable?");
    }
  }
  return {};
}

void DnsContext::ask(const std::string& name, Type type, Done done) {
  if (open_.size() >= most_questions_) {
    return answer_later(std::move(done), no_answer(name, "too many questions are open"));
  }
  auto* question = new Question{this, name, type, std::move(done)};
  open_.insert(question);
  int id = 0;
  const int result = ::ub_resolve_event(context_, (name + ".").c_str(), static_cast<int>(type),
                                        kClassInternet, question, on_answer, &id);
  if (result == 0) return;
  answer_later(std::move(question->done), no_answer(name, ::ub_strerror(result)));
  open_.erase(question);
  delete question;
}

void DnsContext::on_answer(void* mine, int rcode, void* packet, int size, int security, char* why, int) {
  auto* question = static_cast<Question*>(mine);
  const std::string failure =
      rcode == kServerFailure ? take_failure(question->name, text(question->type)) : std::string();
  const Verdict verdict{.rcode = rcode,
                        .secure = security == kSecure,
                        .bogus = security == kBogus,
                        .why = why != nullptr ? std::string_view(why) : std::string_view(failure)};
  const Bytes bytes{static_cast<const std::uint8_t*>(packet),
                    packet != nullptr && size > 0 ? static_cast<std::size_t>(size) : 0};
  question->context->answered(*question, verdict, bytes);
}

void DnsContext::answered(Question& question, const Verdict& verdict, Bytes packet) {
  auto answer = read_answer(question.name, question.type, verdict, packet);
  auto done = std::move(question.done);
  open_.erase(&question);
  delete &question;
  // Inside the library's call nothing new may be asked: the answer waits a turn.
  answer_later(std::move(done), std::move(answer));
}

void DnsContext::answer_later(Done done, Answer answer) {
  ready_.push_back({std::move(done), std::move(answer)});
  if (ready_.size() == 1) ::event_active(ready_event_, EV_TIMEOUT, 0);
}

void DnsContext::on_ready(int, short, void* mine) {
  static_cast<DnsContext*>(mine)->give_ready();
}

void DnsContext::give_ready() {
  auto batch = std::move(ready_);
  ready_.clear();
  for (auto& one : batch) one.done(std::move(one.answer));
}

}  // namespace postern::resolver
