// Any DNS message as the answer to any question of a whole domain lookup: it always ends, facts are complete
// and can be encoded and read again, and nothing that was not validated is called secure.
#include <cstdlib>
#include <deque>

#include "firmware/control/resolver/domain/domain_lookup.hpp"
#include "firmware/policy/encoding.hpp"

using namespace postern;

namespace {

// Cuts the input into answers: verdict, length, message.
class Script final : public resolver::Asker, public resolver::Fetcher {
 public:
  explicit Script(Bytes input) : input_(input) {}

  void ask(const std::string& name, resolver::Type type, Asker::Done done) override {
    if (++asked_ > kMostQuestions) std::abort();
    const std::uint8_t mode = byte();
    const std::size_t size = std::size_t{byte()} << 8 | byte();
    const Bytes message = input_.first(std::min(size, input_.size()));
    input_ = input_.subspan(message.size());
    const resolver::Verdict verdict{.rcode = (mode & 8) != 0 ? mode >> 4 : 0,
                                    .secure = (mode & 1) != 0,
                                    .bogus = (mode & 3) == 2,
                                    .why = (mode & 4) != 0 ? "signature expired" : ""};
    secure_seen = secure_seen || verdict.secure;
    auto answer = resolver::read_answer(name, type, verdict, message);
    if (answer.secure() && !verdict.secure) std::abort();
    if (!answer.known() && answer.reason.text.empty()) std::abort();
    if ((mode & 0xc0) == 0xc0) return;  // never answered
    pending_.push_back([answer = std::move(answer), done = std::move(done)] { done(answer); });
  }
  void fetch(resolver::FetchRequest, Fetcher::Done done) override {
    resolver::Fetched fetched;
    fetched.kind = static_cast<resolver::Fetched::Kind>(byte() % 3);
    fetched.body = as_text(input_.first(std::min<std::size_t>(input_.size(), 300)));
    pending_.push_back([fetched, done = std::move(done)] { done(fetched); });
  }
  bool turn() {
    if (pending_.empty()) return false;
    auto next = std::move(pending_.front());
    pending_.pop_front();
    next();
    return true;
  }
  bool secure_seen = false;

 private:
  // MX and TXT, then per host two addresses, an alias and two TLSA names, and the policy host's addresses.
  static constexpr int kMostQuestions = 4 + 5 * static_cast<int>(resolver::DomainLookup::kMostHosts);

  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto value = input_[0];
    input_ = input_.subspan(1);
    return value;
  }

  Bytes input_;
  int asked_ = 0;
  std::deque<std::function<void()>> pending_;
};

void judge(const policy::Facts& facts, bool secure_seen) {
  if (facts.hosts.size() > resolver::DomainLookup::kMostHosts || facts.expires <= facts.learned) std::abort();
  if (facts.mx_security == policy::Security::secure && !secure_seen) std::abort();
  for (const auto& host : facts.hosts) {
    if (host.tlsa_state == policy::TlsaState::records && (host.tlsa.empty() || !secure_seen)) std::abort();
    if (!resolver::is_host_name(host.name)) std::abort();
  }
  const auto encoded = policy::encode(facts);
  if (encoded.size() > policy::kMostEncoded || !policy::decode(encoded)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(Bytes(data, size));
  int done = 0;
  const auto clock = [] { return WallTime(std::chrono::hours(24 * 365 * 50)); };
  const auto lookup = std::make_shared<resolver::DomainLookup>(
      script, script, clock, resolver::DomainLookup::Plan{.domain = "a.test", .rules = {}, .sts = {}});
  lookup->start([&](resolver::DomainLookup::Result result) {
    ++done;
    judge(result.facts, script.secure_seen);
  });
  while (script.turn()) continue;
  lookup->give_up_dns();
  while (script.turn()) continue;
  lookup->give_up();
  if (done != 1 || !lookup->over()) std::abort();
  return 0;
}
