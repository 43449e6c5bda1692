// The resolver as a process: asked by a core, killed, stopped, started again.
#include "tests/firmware/control/resolver/running_resolver.hpp"

#include <signal.h>

#include <thread>

#include <CppUTest/TestHarness.h>

namespace postern::resolver {
namespace {

using test::RunningResolver;
using test::Zone;

test::NameServer& server() {
  static test::NameServer one(
      {{.kind = Zone::Kind::secure,
        .name = "good.test",
        .records = "@ IN MX 10 mx\nmx IN A 192.0.2.1\n_25._tcp.mx IN TLSA 3 1 1 " + std::string(64, 'a') +
                   "\nshort 2 IN MX 10 mx\n*.many IN MX 10 mx\n"},
       {.kind = Zone::Kind::bogus, .name = "bogus.test", .records = "@ IN MX 10 mx\nmx IN A 192.0.2.5\n"}});
  return one;
}

ipc::SettingValues settings() {
  return {{"resolver.forwarders", "127.0.0.1:" + std::to_string(server().port())},
          {"resolver.trust_anchor", server().anchor()},
          {"resolver.mta_sts", "false"},
          {"resolver.least_ttl", "1s"},
          {"log.level", "warning"}};
}

}  // namespace

TEST_GROUP(ResolverProcess){};

TEST(ResolverProcess, aCoresQuestionIsAnsweredThroughTheTable) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  CHECK(!resolver.look("good.test"));
  const auto facts = resolver.ask("good.test");
  CHECK(facts.has_value());
  CHECK(facts->mx_security == policy::Security::secure);
  LONGS_EQUAL(1, facts->hosts.size());
  CHECK(facts->hosts[0].tlsa_state == policy::TlsaState::records);
  CHECK(!resolver.core().waiting());
}

TEST(ResolverProcess, equalQuestionsAreOneLookup) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  for (std::uint64_t ticket = 1; ticket <= 50; ++ticket) CHECK(resolver.core().ask(ticket, "good.test"));
  std::size_t count = 0;
  shard::PolicyTicket ticket = 0;
  CHECK(resolver.until([&] {
    while (resolver.core().ready(ticket)) ++count;
    return count == 50;
  }));
  CHECK(resolver.until([&] { return resolver.counter("questions") == 50; }));
  LONGS_EQUAL(1, resolver.counter("lookups"));
}

TEST(ResolverProcess, forgedAnswersArePublishedAsBogusAndForASmallTime) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  const auto facts = resolver.ask("bogus.test");
  CHECK(facts.has_value());
  CHECK(facts->mx_security == policy::Security::bogus);
  CHECK(facts->expires - facts->learned <= std::chrono::seconds(30));
  CHECK(resolver.until([&] { return resolver.counter("lookups_bogus") == 1; }));
}

TEST(ResolverProcess, whatIsNoDomainIsAnsweredWithoutALookup) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  CHECK(!resolver.ask("not a domain", std::chrono::seconds(5)));
  CHECK(resolver.until([&] { return resolver.counter("questions_malformed") == 1; }));
  LONGS_EQUAL(0, resolver.counter("lookups"));
}

TEST(ResolverProcess, killedItComesBackAndAnswersWhatWasOpen) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  CHECK(resolver.ask("good.test").has_value());
  const pid_t before = resolver.keeper().facts().pid;
  ::kill(before, SIGKILL);
  CHECK(resolver.until([&] { return resolver.keeper().facts().pid != before; }));
  // The cores still have what was known, and may ask meanwhile.
  CHECK(resolver.look("good.test").has_value());
  CHECK(resolver.core().ask(1000, "bogus.test"));
  CHECK(resolver.answered(1000));
  CHECK(resolver.look("bogus.test").has_value());
  CHECK(resolver.ready());
  CHECK_TEXT(resolver.look("good.test").has_value(), "from the cache on disk");
  CHECK(resolver.until([&] { return resolver.counter("domains_loaded") == 1; }));
}

TEST(ResolverProcess, oneThatHangsIsKilledAndStartedAgain) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  const pid_t before = resolver.keeper().facts().pid;
  ::kill(before, SIGSTOP);
  CHECK(resolver.core().ask(1, "good.test"));
  CHECK(!resolver.answered(1, std::chrono::seconds(2)));
  CHECK_TEXT(resolver.answered(1), "after it was killed for its silence");
  CHECK(resolver.keeper().facts().pid != before);
}

TEST(ResolverProcess, domainsInUseAreLookedUpAgainBeforeTheirFactsRunOut) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  const auto first = resolver.ask("short.good.test");
  CHECK(first.has_value());
  auto last = *first;
  // Never once is there nothing, or something that has run out: who looks all the time never waits.
  bool gap = false;
  CHECK(resolver.until([&] {
    const auto now = resolver.look("short.good.test");
    const WallTime wall = std::chrono::system_clock::now();
    gap = gap || !now || now->expires < wall;
    if (now) last = *now;
    return last.learned > first->learned + std::chrono::seconds(4);
  }));
  CHECK_TEXT(!gap, "the facts ran out although they were in use");
}

TEST(ResolverProcess, aChangedSettingStartsItAnewWithWhatItKnew) {
  RunningResolver resolver(settings());
  CHECK(resolver.ready());
  CHECK(resolver.ask("good.test").has_value());
  const auto before = resolver.keeper().facts().starts;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the disk's thread
  auto changed = settings();
  changed["resolver.directory"] = resolver.directory() + "/cache";
  changed["resolver.threads"] = "2";
  resolver.set(changed);
  CHECK(resolver.until([&] { return resolver.keeper().facts().starts == before + 1; }));
  CHECK(resolver.ready());
  CHECK(resolver.look("good.test").has_value());
}

}  // namespace postern::resolver
