// Settings carried away and brought back: see the header.
#include "firmware/control/store/carry.hpp"

#include <sodium.h>

#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/control/store/door_text.hpp"
#include "firmware/control/store/migrations.hpp"
#include "firmware/control/store/portable.hpp"

namespace postern::control {

using Json = nlohmann::ordered_json;
using Question = nlohmann::json;

namespace {

std::string base64(std::string_view data) {
  std::string text(sodium_base64_ENCODED_LEN(data.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(data.data()),
                      data.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // its zero
  return text;
}

std::optional<std::string> from_base64(const std::string& text) {
  std::string data(text.size(), '\0');
  std::size_t length = 0;
  if (::sodium_base642bin(reinterpret_cast<unsigned char*>(data.data()), data.size(), text.data(),
                          text.size(), "\r\n ", &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return std::nullopt;
  data.resize(length);
  return data;
}

}  // namespace

Json export_settings(const Store& store, const Question& question, const Actor& actor, Now now) {
  Portable portable;
  portable.schema = kSchemaVersion;
  portable.wall_ns = static_cast<std::uint64_t>(now.wall.time_since_epoch().count());
  portable.values = store.running().values;
  portable.secrets = question.value("secrets", false);
  if (portable.secrets && !actor.role.empty() && actor.role != "owner")
    return error_json("only an owner may export secrets");
  if (const auto name = portable.values.find("host_name"); name != portable.values.end())
    portable.host_name = name->second;
  if (!portable.secrets)
    std::erase_if(portable.values, [](const auto& entry) { return ipc::find_setting(entry.first)->secret; });
  const auto file = seal(portable, question.at("passphrase").get<std::string>());
  if (!file) return error_json(file.error().reason);
  return {{"file", base64(*file)}, {"generation", store.running().number}};
}

Json import_settings(Store& store, const Question& question, const Actor& actor, Now now) {
  const auto file = from_base64(question.at("file").get<std::string>());
  if (!file) return error_json("the file is not base64");
  auto portable = unseal(*file, question.at("passphrase").get<std::string>());
  if (!portable) return error_json(portable.error().reason);
  Generation wanted;
  wanted.schema = portable->schema;
  wanted.values = std::move(portable->values);
  const auto left_out = settle(wanted);
  if (!portable->secrets) {
    for (const auto& [name, value] : store.running().values) {
      if (ipc::find_setting(name)->secret) wanted.values[name] = value;
    }
  }
  const auto done = store.load(actor, wanted.values, now);
  if (!done) return error_json(done.error());
  return {{"changes", changes_json(compare(store.running().values, wanted.values))},
          {"host_name", portable->host_name},
          {"time", time_text(portable->wall_ns)},
          {"left_out", left_out}};
}

}  // namespace postern::control
