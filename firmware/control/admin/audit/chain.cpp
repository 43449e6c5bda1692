// The chain of audit lines, without files: see audit.hpp.
#include <sodium.h>

#include <array>

#include "firmware/control/admin/audit/audit.hpp"

namespace postern::admin {

namespace {

using Json = nlohmann::ordered_json;

std::string sha256(const std::string& text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string audit_line(const AuditEntry& entry, std::uint64_t number, const std::string& time,
                       const std::string& previous) {
  Json line{{"number", number},         {"time", time},           {"user", entry.user},
            {"source", entry.source},   {"via", entry.via},       {"action", entry.action},
            {"subject", entry.subject}, {"result", entry.result}, {"detail", entry.detail},
            {"previous", previous}};
  // The hash is over the line as it is written, without the hash itself.
  line["hash"] = sha256(text_of(line));
  return text_of(line);
}

AuditVerdict verify_chain(const std::function<bool(std::string&)>& next_line) {
  AuditVerdict verdict;
  std::string text;
  const auto wrong = [&](std::string why) {
    verdict.good = false;
    verdict.first_wrong = verdict.lines + 1;
    verdict.text = "line " + std::to_string(verdict.lines + 1) + " " + why;
    return verdict;
  };
  while (next_line(text)) {
    auto line = Json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("hash")) return wrong("cannot be read");
    const auto said = line["hash"];
    line.erase("hash");
    if (said != sha256(text_of(line))) return wrong("was changed");
    if (line.value("previous", Json()) != verdict.head) return wrong("does not follow the one before it");
    if (line.value("number", Json()) != verdict.lines + 1) return wrong("has another number");
    verdict.head = said;
    ++verdict.lines;
  }
  verdict.text = std::to_string(verdict.lines) + " lines, each follows from the one before";
  return verdict;
}

}  // namespace postern::admin
