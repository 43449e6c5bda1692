// The keystore's verbs: the table, and what they have in common.
#include "firmware/control/keystore/service/vault.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace postern::keystore {

namespace {

constexpr std::size_t kMostText = 4096;

// Fields that may hold a secret.
constexpr std::array kSecretFields{"key", "passphrase", "text"};

void wipe_secrets(nlohmann::json& question) {
  for (const auto* name : kSecretFields) {
    const auto found = question.find(name);
    if (found != question.end() && found->is_string()) wipe(found->get_ref<std::string&>());
  }
}

}  // namespace

const std::vector<Vault::Verb>& Vault::verbs() {
  static const std::vector<Verb> kVerbs{
      {"keys.state", &Vault::state, true}, {"keys.unlock", &Vault::unlock, true},
      {"keys.list", &Vault::list},         {"keys.show", &Vault::show},
      {"keys.make", &Vault::make},         {"keys.csr", &Vault::csr},
      {"keys.upload", &Vault::upload},     {"keys.selfsigned", &Vault::self_sign},
      {"keys.delete", &Vault::remove},     {"keys.rotate", &Vault::rotate},
      {"keys.seen", &Vault::seen},         {"keys.protect", &Vault::protect},
  };
  return kVerbs;
}

Json Vault::answer(nlohmann::json& question, WallTime now) {
  now_ = now;
  Json reply;
  try {
    const auto command = text_field(question, "command");
    const Verb* verb = nullptr;
    for (const auto& one : verbs()) {
      if (one.name == command) verb = &one;
    }
    if (verb == nullptr) throw Refusal{"the keystore knows no '" + command + "'", ""};
    if (locked() && !verb->while_locked) throw Refusal{"the keystore is locked: " + said(), ""};
    reply = (this->*verb->act)(question);
  } catch (const Refusal& refusal) {
    reply = {{"error", refusal.error}};
    if (!refusal.field.empty())
      reply["faults"] = Json::array({{{"name", refusal.field}, {"text", refusal.error}}});
  } catch (const nlohmann::json::exception&) {
    reply = {{"error", "the question is malformed"}};
  }
  wipe_secrets(question);
  return reply;
}

bool Vault::tick(WallTime now) {
  now_ = now;
  if (locked()) return false;
  bool moved = false;
  std::vector<std::string> families;
  for (const auto& [name, entry] : store_.entries()) {
    if (entry.kind == Kind::dkim && entry.family == name) families.push_back(name);
  }
  for (const auto& family : families) moved = advance_family(family) || moved;
  return moved;
}

Entry Vault::fresh(const Question& question, Kind kind) const {
  Entry entry;
  entry.name = text_field(question, "name");
  entry.kind = kind;
  entry.use = text_field(question, "use", "mail");
  entry.created = entry.changed = entry.life.since = now_ns();
  if (!is_entry_name(entry.name))
    throw Refusal{"name has to be made of a-z 0-9 . _ -, at most 64, beginning with a letter or digit",
                  "name"};
  const bool reports = kind == Kind::dkim && entry.use == "reports";
  const bool reporter = kind == Kind::secret && entry.use == "reporter";
  const bool web = kind != Kind::dkim && entry.use == "web";
  if (entry.use != "mail" && !reports && !reporter && !web)
    throw Refusal{"use '" + entry.use + "' is not known for this kind", "use"};
  return entry;
}

Entry& Vault::known(const Question& question) {
  const auto name = text_field(question, "name");
  Entry* entry = store_.find(name);
  if (entry == nullptr) throw Refusal{"there is no entry '" + name + "'", "name"};
  return *entry;
}

Json Vault::keep(Entry entry) {
  const auto name = entry.name;
  if (const auto kept = store_.put(std::move(entry)); !kept) throw Refusal{kept.error().reason, ""};
  ++revision_;
  return {{"entry", entry_json(*store_.find(name))}};
}

std::string text_field(const nlohmann::json& question, const char* name, std::string_view fallback) {
  const auto found = question.find(name);
  if (found == question.end() || found->is_null()) return std::string(fallback);
  if (!found->is_string()) throw Refusal{std::string(name) + " has to be a text", name};
  auto text = found->get<std::string>();
  const bool long_one = std::string_view(name) == "chain" || std::string_view(name) == "key";
  if (!long_one && text.size() > kMostText) throw Refusal{std::string(name) + " is too long", name};
  return text;
}

std::vector<std::string> names_field(const nlohmann::json& question) {
  const auto found = question.find("names");
  if (found == question.end() || found->is_null()) return {};
  std::vector<std::string> names;
  if (!found->is_array()) throw Refusal{"names has to be a list of texts", "names"};
  for (const auto& one : *found) {
    if (!one.is_string()) throw Refusal{"names has to be a list of texts", "names"};
    names.push_back(one.get<std::string>());
  }
  return names;
}

std::string time_text(std::uint64_t wall_ns) {
  const WallTime at{Duration{static_cast<Duration::rep>(wall_ns)}};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace postern::keystore
