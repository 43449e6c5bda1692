#include "firmware/control/outbox/ingest.hpp"

#include <sodium.h>

#include <vector>

#include "firmware/control/outbox/intake.hpp"

namespace postern::control {

nlohmann::ordered_json ingest_answer(const nlohmann::json& question, const std::string& directory) {
  const auto text = question.at("data").get<std::string>();
  if (text.size() > 4 * (kMostReportBytes / 3 + 2)) return {{"error", "the report is larger than 4 MiB"}};
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 + 3);
  std::size_t length = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), "\r\n", &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return {{"error", "data has to be base64"}};
  }
  if (auto put = put_in_intake(directory, Bytes(bytes).first(length)); !put)
    return {{"error", put.error().reason}};
  return {{"taken", length}};
}

}  // namespace postern::control
