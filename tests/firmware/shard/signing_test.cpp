// Mail of those who may send to anybody is signed; the signature is stored behind the message and goes in
// front.
#include <string>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using test::FactsMaker;
using test::OutWorld;

TEST_GROUP(Signing){static shard::SigningKey key(){
    return {"example.org", "s1", tls::test::output_of("openssl genpkey -algorithm ed25519")};
}
}
;

TEST(Signing, TheSignatureGoesInFrontAndTheMessageStaysAsItIs) {
  OutWorld out(OutWorld::out_settings(), nullptr, {key()});
  auto& mx = out.servers.at("192.0.2.21");
  mx.settings.served_domains = {"far.example"};
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
  out.send("bob@far.example", "From: ann@example.org\r\nSubject: x\r\n");
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }));
  const auto& body = mx.mails[0].body;
  CHECK(body.starts_with("DKIM-Signature: v=1;"));
  CHECK(body.ends_with("\r\nFrom: ann@example.org\r\nSubject: x\r\n\r\nhello\r\n"));
  CHECK(body.find("Received: from") != std::string::npos);
}

TEST(Signing, NobodySignsForAnAuthorOfAnotherDomain) {
  OutWorld out(OutWorld::out_settings(), nullptr, {key()});
  auto& mx = out.servers.at("192.0.2.21");
  mx.settings.served_domains = {"far.example"};
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
  out.send("bob@far.example", "From: ann@elsewhere.example\r\nSubject: x\r\n");
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }));
  CHECK(mx.mails[0].body.starts_with("Received:"));
}
