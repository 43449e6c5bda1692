// The resolver's small parts: HTTP answers, addresses, reasons, settings, memory.
#include "firmware/control/resolver/dns/reasons.hpp"
#include "firmware/control/resolver/service/domain_memory.hpp"
#include "firmware/control/resolver/service/options.hpp"
#include "firmware/control/resolver/sts/forbidden_address.hpp"
#include "firmware/control/resolver/sts/http_response.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::resolver {
namespace {

using State = HttpResponse::State;

// Fed in pieces of `step` bytes.
HttpResponse read(const std::string& text, std::size_t step) {
  HttpResponse response;
  for (std::size_t at = 0; at < text.size(); at += step)
    response.feed(as_bytes(std::string_view(text).substr(at, step)));
  return response;
}

std::string refusal(const std::string& text) {
  for (const std::size_t step : {1u, 7u, 100000u}) {
    const auto response = read(text, step);
    if (response.state() != State::refused) return "not refused";
  }
  return std::string(read(text, text.size()).why());
}

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

bool forbidden(const char* address) {
  return is_forbidden(wire::IpAddress::parse(address).value());
}

}  // namespace

TEST_GROUP(HttpResponse){};

TEST(HttpResponse, aBodyOfKnownLengthIsWholeWithItsLastByte) {
  for (const std::size_t step : {1u, 3u, 1000u}) {
    const auto response = read(kHead + "Content-Length: 5\r\n\r\nhello", step);
    CHECK(response.state() == State::complete);
    STRCMP_EQUAL("hello", response.body().c_str());
  }
}

TEST(HttpResponse, chunksAreJoined) {
  for (const std::size_t step : {1u, 4u, 1000u}) {
    const auto response = read(
        kHead + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", step);
    CHECK(response.state() == State::complete);
    STRCMP_EQUAL("hello", response.body().c_str());
  }
}

TEST(HttpResponse, withoutALengthTheEndIsTheConnections) {
  auto response = read(kHead + "\r\nhello", 2);
  CHECK(response.state() == State::reading);
  CHECK(response.end() == State::complete);
  STRCMP_EQUAL("hello", response.body().c_str());
}

TEST(HttpResponse, anAnswerThatIsCutOffIsRefused) {
  for (const char* rest :
       {"Content-Length: 9\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "Conte"}) {
    auto response = read(kHead + rest, 3);
    CHECK(response.state() == State::reading);
    CHECK(response.end() == State::refused);
  }
}

TEST(HttpResponse, whatIsNotAllowedIsRefusedWithTheReason) {
  STRCMP_EQUAL("the policy host redirects, status 302",
               refusal("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n").c_str());
  STRCMP_EQUAL("status 404", refusal("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n").c_str());
  STRCMP_EQUAL("status 204", refusal("HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n").c_str());
  STRCMP_EQUAL("the policy is not text/plain but text/html",
               refusal("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n").c_str());
  STRCMP_EQUAL("the policy is not text/plain",
               refusal("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").c_str());
  STRCMP_EQUAL("the policy is longer than 64 KiB", refusal(kHead + "Content-Length: 65537\r\n\r\n").c_str());
  STRCMP_EQUAL("the policy is longer than 64 KiB", refusal(kHead + "\r\n" + std::string(65537, 'x')).c_str());
  STRCMP_EQUAL("the policy is longer than 64 KiB",
               refusal(kHead + "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n").c_str());
}

TEST(HttpResponse, whatIsMalformedIsRefused) {
  for (const char* head :
       {"HTTP/2 200 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n"})
    CHECK_TEXT(refusal(head) != "not refused", head);
  for (const char* rest :
       {"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length: -1\r\n\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding: gzip\r\n\r\n",
        "Content-Encoding: gzip\r\n\r\n", "no colon\r\n\r\n", "X : y\r\n\r\n", " folded\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"})
    CHECK_TEXT(refusal(kHead + rest) != "not refused", rest);
  CHECK(refusal("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x')) != "not refused");
}

TEST_GROUP(ForbiddenAddress){};

TEST(ForbiddenAddress, whatIsNotPublicIsForbiddenInEveryForm) {
  for (const char* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "127.0.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "fec0::1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a00:1",
                              "2002:7f00:1::",
                              "2002:a01:203::1",
                              "::7f00:1"})
    CHECK_TEXT(forbidden(address), address);
}

TEST(ForbiddenAddress, whatIsPublicIsNot) {
  for (const char* address : {"1.1.1.1", "172.32.0.1", "100.128.0.1", "193.0.0.1", "2606:4700::1111",
                              "64:ff9b::808:808", "2002:808:808::1"})
    CHECK_TEXT(!forbidden(address), address);
}

TEST_GROUP(ResolverReasons){};

TEST(ResolverReasons, codesFollowFromWhatTheLibrarySays) {
  LONGS_EQUAL(7, bogus_reason("validation failure <x. MX IN>: signature expired from 192.0.2.1").ede);
  LONGS_EQUAL(10, bogus_reason("validation failure <x. MX IN>: no signatures from 192.0.2.1").ede);
  LONGS_EQUAL(6, bogus_reason("").ede);
  LONGS_EQUAL(22, failed_reason("all servers for this domain failed, at zone x.").ede);
  STRCMP_EQUAL("a b", failed_reason("a\nb\r\n").text.c_str());
}

TEST_GROUP(ResolverOptions){};

TEST(ResolverOptions, aNegativeAnchorHasADomainAndADate) {
  const auto day = read_negative_anchor("Example.COM. 2026-12-31");
  CHECK(day.has_value());
  STRCMP_EQUAL("example.com", day->domain.c_str());
  CHECK(day->until == WallTime(std::chrono::sys_days{std::chrono::year{2026} / 12 / 31}));
  const auto minute = read_negative_anchor("example.com 2026-12-31T12:30:00Z");
  CHECK(minute.has_value());
  CHECK(minute->until - day->until == std::chrono::minutes(750));
  for (const char* wrong : {"example.com", "example.com never", "example.com 2026-02-30",
                            "exa mple.com 2026-12-31", "", "example.com 2026-12-31T25:00:00Z"})
    CHECK_TEXT(!read_negative_anchor(wrong).has_value(), wrong);
}

TEST(ResolverOptions, serversAreAddressesAndFaultsNameTheSetting) {
  const auto good =
      service_options(ipc::SettingsView(0, {{"resolver.roots", "192.0.2.1:5300\n[2001:db8::1]:53"},
                                            {"resolver.stubs", "lab.test 192.0.2.2:54"}}));
  CHECK(good.has_value());
  STRCMP_EQUAL("192.0.2.1@5300", good->lookup.dns.roots[0].c_str());
  STRCMP_EQUAL("2001:db8::1@53", good->lookup.dns.roots[1].c_str());
  STRCMP_EQUAL("lab.test", good->lookup.dns.stubs[0].zone.c_str());
  const auto bad = service_options(ipc::SettingsView(0, {{"resolver.forwarders", "dns.example:53"}}));
  CHECK(!bad.has_value());
  CHECK(bad.error().reason.starts_with("resolver.forwarders"));
}

TEST_GROUP(DomainMemory){};

TEST(DomainMemory, theLeastRecentlyWantedIsForgottenFirst) {
  DomainMemory memory(2);
  CHECK(memory.put({.domain = "a", .encoded = {}}).empty());
  CHECK(memory.put({.domain = "b", .encoded = {}}).empty());
  CHECK(memory.find("a") != nullptr);
  STRCMP_EQUAL("b", memory.put({.domain = "c", .encoded = {}}).c_str());
  CHECK(memory.find("b") == nullptr);
  CHECK(memory.find("a") != nullptr);
  LONGS_EQUAL(2, memory.size());
}

}  // namespace postern::resolver
