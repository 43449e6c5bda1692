// One generation as text: see the header.
#include "firmware/control/store/generation.hpp"

#include <sodium.h>

#include <array>
#include <nlohmann/json.hpp>

#include "firmware/ipc/settings_snapshot.hpp"

namespace postern::control {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHead = "postern-generation 1 ";

std::string hash_of(std::string_view text) {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
  std::string hex(2 * hash.size() + 1, '\0');
  ::sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

template <typename T>
T need(const Json& json, const char* key) {
  return json.at(key).get<T>();
}

Generation from_json(const Json& json) {
  Generation generation;
  generation.number = need<std::uint64_t>(json, "generation");
  generation.parent = need<std::uint64_t>(json, "parent");
  generation.schema = need<std::uint32_t>(json, "schema");
  generation.wall_ns = need<std::uint64_t>(json, "time_ns");
  generation.author = need<std::string>(json, "author");
  generation.source = need<std::string>(json, "source");
  generation.comment = need<std::string>(json, "comment");
  generation.changed = need<std::vector<std::string>>(json, "changed");
  generation.imported = need<std::string>(json, "imported");
  generation.confirm_until_ns = need<std::uint64_t>(json, "confirm_until_ns");
  generation.confirmed = need<bool>(json, "confirmed");
  for (const auto& [name, value] : json.at("values").items())
    generation.values[name] = value.get<std::string>();
  return generation;
}

}  // namespace

std::string write_generation(const Generation& generation) {
  const Json json{{"generation", generation.number},
                  {"parent", generation.parent},
                  {"schema", generation.schema},
                  {"time_ns", generation.wall_ns},
                  {"author", generation.author},
                  {"source", generation.source},
                  {"comment", generation.comment},
                  {"changed", generation.changed},
                  {"imported", generation.imported},
                  {"confirm_until_ns", generation.confirm_until_ns},
                  {"confirmed", generation.confirmed},
                  {"values", Json(generation.values.empty() ? Json::object() : Json(generation.values))}};
  const auto body = json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return std::string(kHead) + hash_of(body) + "\n" + body;
}

Result<Generation, Fault> read_generation(std::string_view text) {
  constexpr std::size_t kHash = 2 * crypto_generichash_BYTES;
  if (!text.starts_with(kHead)) return fault("does not begin as a generation does");
  const auto body_at = kHead.size() + kHash + 1;
  if (text.size() <= body_at || text[body_at - 1] != '\n') return fault("is cut short");
  const auto body = text.substr(body_at);
  if (hash_of(body) != text.substr(kHead.size(), kHash)) return fault("does not have its checksum");
  try {
    return from_json(Json::parse(body));
  } catch (const nlohmann::json::exception&) {
    return fault("has its checksum, but not the form of a generation");
  }
}

std::string digest_text(const ipc::SettingValues& values) {
  const auto bytes = ipc::write_snapshot(0, values);
  return hash_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace postern::control
