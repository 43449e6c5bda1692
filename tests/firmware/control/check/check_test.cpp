// `postern check` and `postern probe` against a real nsd with real signatures and a real TLS server.


#include "firmware/control/cli/check/checked.hpp"
#include "firmware/control/cli/check/lookup_options.hpp"
#include "tests/firmware/control/resolver/name_server.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::cli;
using resolver::test::Child;
using resolver::test::Directory;
using resolver::test::NameServer;
using resolver::test::Zone;

namespace {

std::string read(const std::string& path) {
  std::string text;
  if (auto* file = std::fopen(path.c_str(), "rb")) {
    char part[4096];
    for (std::size_t n; (n = std::fread(part, 1, sizeof part, file)) > 0;) text.append(part, n);
    std::fclose(file);
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// A certificate for mx.good.test, its digests, a port for its server, and names that point there.
struct World {
  World()
      : made(resolver::test::shell(
            files.path(),
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out "
            "chain.pem "
            "-days 30 -subj /CN=mx -addext subjectAltName=DNS:mx.good.test >log 2>&1 && "
            "openssl x509 -in chain.pem -noout -pubkey | openssl pkey -pubin -outform DER | "
            "openssl dgst -sha256 -r | cut -d' ' -f1 > digest")),
        names({{.kind = Zone::Kind::secure, .name = "good.test", .records = records()},
               {.kind = Zone::Kind::insecure,
                .name = "plain.test",
                .records = "@ IN MX 10 mx\nmx IN A 127.0.0.1\n"},
               {.kind = Zone::Kind::bogus,
                .name = "bogus.test",
                .records = "@ IN MX 10 mx\nmx IN A 127.0.0.1\n"}}) {}

  std::string records() const {
    const auto digest = read(files.path() + "/digest");
    return "@ IN MX 10 mx\nmx IN A 127.0.0.1\n_25._tcp.mx IN TLSA 3 1 1 " + digest + "\n_" +
           std::to_string(port) + "._tcp.mx IN TLSA 3 1 1 " + digest +
           "\nwrong IN MX 10 mx2\nmx2 IN A 127.0.0.1\n_25._tcp.mx2 IN TLSA 3 1 1 " + std::string(64, 'b') +
           "\nnull IN MX 0 .\nodd IN MX 10 mx3\nmx3 IN A 127.0.0.1\n_25._tcp.mx3 IN TLSA 1 1 1 " + digest +
           "\n";
  }
  Invocation invocation() const {
    Invocation made_for;
    made_for.given = {{"--dns", "127.0.0.1:" + std::to_string(names.port())},
                      {"--trust-anchor", names.anchor()},
                      {"--port", std::to_string(port)},
                      {"--authorities", files.path() + "/chain.pem"}};
    return made_for;
  }

  Directory files;
  int made;
  std::uint16_t port = resolver::test::free_port();
  NameServer names;
};

World& world() {
  static World one;
  return one;
}

// Runs while the object lives.
struct Server {
  explicit Server(const std::string& more = "--starttls")
      : child({"/usr/bin/python3", POSTERN_SMTP_SERVER, std::to_string(world().port),
               world().files.path() + "/chain.pem", world().files.path() + "/key.pem", more}) {
    const auto wait = "for i in $(seq 200); do (exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(world().port) +
                      ") 2>/dev/null && exit 0; sleep 0.05; done; exit 1";
    ready = resolver::test::shell("/tmp", "bash -c '" + wait + "'") == 0;
  }
  Child child;
  bool ready = false;
};

}  // namespace

TEST_GROUP(Check){void is(int status, const Checked& checked){std::string all = checked.verdict;
for (const auto& line : checked.lines) all += "\n" + line.text;
CHECK_EQUAL_TEXT(status, checked.status, all.c_str());
}
}
;

TEST(Check, texts_are_good_or_bad) {
  is(kGood, check_mta_sts_record("v=STSv1; id=1;"));
  is(kBad, check_mta_sts_record("v=STSv1; id=;"));
  is(kGood, check_mta_sts_policy("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 604800\n"));
  is(kBad, check_mta_sts_policy("version: STSv1\nmode: enforce\nmax_age: 604800\n"));
  is(kGood, check_mx_match("*.a.example", "mx.a.example"));
  is(kBad, check_mx_match("*.a.example", "mx.b.a.example"));
  is(kBad, check_mx_match("*.*.example", "mx.a.example"));
  is(kGood, check_tlsrpt_record("v=TLSRPTv1; rua=mailto:a@a.example"));
  is(kBad, check_tlsrpt_record("v=TLSRPTv1; rua=a@a.example"));
  is(kBad, check_tlsrpt_report("{}"));
}

TEST(Check, a_policy_is_told_with_its_reason) {
  const auto checked = check_policy(world().invocation(), "GOOD.test.");
  is(kGood, checked);
  STRCMP_EQUAL("dane", checked.json["hosts"][0]["demand"]["insist"].get<std::string>().c_str());
  CHECK_TRUE(checked.json["trail"].size() >= 3);
}

TEST(Check, an_unsigned_domain_promises_nothing) {
  const auto checked = check_policy(world().invocation(), "plain.test");
  is(kGood, checked);
  STRCMP_EQUAL("opportunistic", checked.json["hosts"][0]["demand"]["insist"].get<std::string>().c_str());
}

TEST(Check, the_boxs_rules_and_overrides_are_part_of_the_trail) {
  const auto invocation = world().invocation();
  const auto options = lookup_options(invocation);
  const auto with = [&](const ipc::SettingValues& values) {
    return check_policy(invocation, *options, box_rules(values), "plain.test");
  };
  const auto ruled = with({{"outbound.overrides",
                            ".test at-least pkix 2036-01-31 all of them\n"
                            "plain.test at-least mandatory 2036-01-31 a contract"}});
  is(kGood, ruled);
  STRCMP_EQUAL("mandatory", ruled.json["hosts"][0]["demand"]["insist"].get<std::string>().c_str());
  STRCMP_EQUAL("a contract", ruled.json["override"]["reason"].get<std::string>().c_str());
  STRCMP_EQUAL("2036-01-31", ruled.json["override"]["until"].get<std::string>().c_str());
  CHECK_TRUE(ruled.json["override"]["in_force"].get<bool>());
  const auto over = with({{"outbound.overrides", "plain.test at-least mandatory 2020-01-31 it is over"}});
  STRCMP_EQUAL("opportunistic", over.json["hosts"][0]["demand"]["insist"].get<std::string>().c_str());
  CHECK_FALSE(over.json["override"]["in_force"].get<bool>());
  STRCMP_EQUAL("mandatory", with({{"outbound.at_least", "mandatory"}})
                                .json["hosts"][0]["demand"]["insist"]
                                .get<std::string>()
                                .c_str());
  // Nobody to ask: the defaults, and it is said.
  STRCMP_EQUAL("defaults", check_policy(invocation, "plain.test").json["rules_of"].get<std::string>().c_str());
}

TEST(Check, a_message_with_requiretls_needs_more) {
  auto invocation = world().invocation();
  invocation.given["--requiretls"] = "";
  is(kBad, check_policy(invocation, "plain.test"));
  is(kGood, check_policy(invocation, "good.test"));
}

TEST(Check, forged_names_null_mx_and_nonsense_are_told_apart) {
  is(kBad, check_policy(world().invocation(), "bogus.test"));
  is(kBad, check_policy(world().invocation(), "null.good.test"));
  is(kBad, check_policy(world().invocation(), "nobody.good.test"));
  is(kCannotTell, check_policy(world().invocation(), "no domain"));
  auto invocation = world().invocation();
  invocation.given["--dns"] = "nowhere";
  is(kCannotTell, check_policy(invocation, "good.test"));
}

TEST(Check, a_probe_says_which_record_matched) {
  const Server server;
  CHECK_TRUE(server.ready);
  const auto checked = probe_domain(world().invocation(), "good.test");
  is(kGood, checked);
  const auto& dialled = checked.json["hosts"][0]["dialled"][0];
  STRCMP_EQUAL("met", dialled["dane"]["judgement"].get<std::string>().c_str());
  STRCMP_EQUAL("met", dialled["web_pki"]["judgement"].get<std::string>().c_str());
  STRCMP_EQUAL("TLSv1.3", dialled["version"].get<std::string>().c_str());
  CHECK_EQUAL(1, dialled["certificates"].get<int>());
  CHECK_TRUE(dialled["requiretls"].get<bool>());
}

TEST(Check, a_probe_of_a_server_with_another_key_is_bad) {
  const Server server;
  const auto checked = probe_domain(world().invocation(), "wrong.good.test");
  is(kBad, checked);
  const auto& dialled = checked.json["hosts"][0]["dialled"][0];
  STRCMP_EQUAL("no match", dialled["dane"]["judgement"].get<std::string>().c_str());
  STRCMP_EQUAL("name mismatch", dialled["web_pki"]["judgement"].get<std::string>().c_str());
}

TEST(Check, unusable_records_still_want_tls) {
  const Server server;
  is(kGood, probe_domain(world().invocation(), "odd.good.test"));
}

TEST(Check, a_server_without_starttls_is_bad_where_tls_was_promised) {
  const Server server("--no-starttls");
  is(kBad, probe_domain(world().invocation(), "good.test"));
  is(kBad, probe_domain(world().invocation(), "odd.good.test"));
  is(kGood, probe_domain(world().invocation(), "plain.test"));
}

TEST(Check, a_server_that_is_not_there_tells_nothing) {
  is(kCannotTell, probe_domain(world().invocation(), "good.test"));
}

TEST(Check, one_host_is_checked_with_its_own_port) {
  const Server server;
  const auto port = std::to_string(world().port);
  is(kGood, check_dane(world().invocation(), "mx.good.test:" + port));
  is(kBad, check_dane(world().invocation(), "mx.plain.test:" + port));
  is(kCannotTell, check_dane(world().invocation(), "mx.good.test:99999"));
}
