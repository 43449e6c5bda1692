// The smuggling vectors, at both ends: as a Server reads them, and as a Client sends them.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/firmware/smtp/client_driver.hpp"
#include "tests/firmware/smtp/server_driver.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

struct Vector {
  std::string bytes;
  bool ends_data;
};

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::strtol(hex.substr(i, 2).c_str(), nullptr, 16));
  }
  return out;
}

std::vector<Vector> vectors() {
  const char* const root = std::getenv("POSTERN_SOURCE_ROOT");
  const std::filesystem::path path = std::filesystem::path(root != nullptr ? root : ".") /
                                     "../shared/conformance/vectors/smtp-smuggling.json";
  std::ifstream file(path);
  if (!file) {
    std::printf("skipped: no smtp-smuggling.json beside the source\n");
    return {};
  }
  std::vector<Vector> all;
  const auto document = nlohmann::json::parse(file);
  for (const auto& entry : document.at("sequences")) {
    all.push_back({from_hex(entry.at("bytes_hex").get<std::string>()), entry.at("ends_data").get<bool>()});
  }
  CHECK(!all.empty());
  return all;
}

smtp::ServerSettings settings() {
  smtp::ServerSettings settings;
  settings.host_name = "mx.example";
  settings.served_domains = {"example.org"};
  return settings;
}

const std::string kFirst =
    "EHLO client.example\r\nMAIL FROM:<a@sender.example>\r\nRCPT TO:<user@example.org>\r\nDATA\r\n"
    "Subject: first\r\n\r\nfirst";
const std::string kSecond =
    "MAIL FROM:<admin@example.org>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nsecond\r\n.\r\nNOOP\r\n";

// Sends the sequence inside DATA with a second transaction behind it.
void check_server(const Vector& vector, std::size_t piece) {
  ServerDriver driver(settings());
  driver.take_replies();
  const std::string all = kFirst + vector.bytes + kSecond;
  for (std::size_t at = 0; at < all.size(); at += piece) driver.give(all.substr(at, piece));
  if (vector.ends_data) {
    LONGS_EQUAL(2, driver.stored.size());
    STRCMP_EQUAL("Subject: first\r\n\r\nfirst\r\n", driver.stored[0].body.c_str());
    STRCMP_EQUAL("second\r\n", driver.stored[1].body.c_str());
    return;
  }
  // Neither the smuggled message nor the one that carries it gets through, and nothing behind it is a
  // command.
  LONGS_EQUAL(0, driver.stored.size());
  LONGS_EQUAL(0, driver.open);
  LONGS_EQUAL(1, driver.counters.recipients_accepted);
  CHECK(driver.closed);
}

// What a server that ends DATA at nothing but CRLF.CRLF, and one that ends it at anything like it, find in
// `sent`.
bool looks_like_an_end(std::string sent) {
  for (const char* const end : {"\n.\n", "\n.\r", "\r.\n", "\r.\r"}) {
    if (sent.find(end) != std::string::npos) return true;
  }
  std::erase(sent, '\0');
  return sent.find("\n.\n") != std::string::npos || sent.find("\n.\r") != std::string::npos;
}

void check_client(const Vector& vector, bool chunking, std::size_t piece) {
  smtp::ClientSettings client_settings;
  ClientDriver driver(client_settings);
  driver.body = "Subject: first\r\n\r\nfirst" + vector.bytes + "MAIL FROM:<admin@example.org>\r\n";
  driver.body_piece = piece;
  driver.give("220 hi\r\n");
  driver.give(chunking ? "250-hi\r\n250 CHUNKING\r\n" : "250 hi\r\n");
  mail::Envelope envelope;
  envelope.recipients.push_back({{"user", "example.org"}, 0, {}});
  driver.deliver(envelope, {0}, driver.body.size());
  driver.give("250 ok\r\n");
  driver.give("250 ok\r\n");
  const std::size_t begin = driver.out.size();
  if (!chunking) driver.give("354 go\r\n");
  for (int i = 0; i < 200 && driver.results.empty(); ++i) driver.give("250 ok\r\n");
  LONGS_EQUAL(1, driver.results.size());
  std::string sent = driver.out.substr(begin);
  if (chunking) return;
  CHECK(sent.ends_with("\r\n.\r\n"));
  sent.resize(sent.size() - 3);
  CHECK(!looks_like_an_end(sent));
}

}  // namespace

TEST_GROUP(smuggling){};

TEST(smuggling, no_sequence_but_the_real_end_ends_data) {
  for (const Vector& vector : vectors()) {
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 10000UL}) check_server(vector, piece);
  }
}

TEST(smuggling, no_sequence_leaves_unescaped) {
  for (const Vector& vector : vectors()) {
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 10000UL}) check_client(vector, false, piece);
  }
}

TEST(smuggling, sequences_are_harmless_by_bdat_too) {
  for (const Vector& vector : vectors()) check_client(vector, true, 10000);
}

}  // namespace postern::test
