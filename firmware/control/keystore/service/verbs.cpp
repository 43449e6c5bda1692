// The verbs that are the same for all kinds of entries: list, show, make, delete.
#include <chrono>

#include "firmware/control/keystore/pem/issue.hpp"
#include "firmware/control/keystore/service/vault.hpp"
#include "firmware/dkim/record.hpp"

namespace postern::keystore {

namespace {

constexpr int kSelfSignedDays = 365;
constexpr std::string_view kWeb = "web";
constexpr std::string_view kPepper = "pepper";

std::uint64_t wall(WallTime at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

Json tls_json(const Entry& entry, WallTime now) {
  const auto facts = read_chain(entry.chain);
  if (!facts) return {{"trouble", std::string(facts.error().reason)}};
  const auto left = std::chrono::floor<std::chrono::days>(facts->not_after - now).count();
  return {{"names", facts->names},
          {"subject", facts->subject},
          {"issuer", facts->issuer},
          {"self_signed", facts->self_signed},
          {"not_before", time_text(wall(facts->not_before))},
          {"not_after", time_text(wall(facts->not_after))},
          {"days_left", left},
          {"fingerprint", facts->fingerprint},
          {"spki_sha256", facts->spki_sha256},
          {"certificates", facts->certificates}};
}

Json dkim_json(const Entry& entry, const RotationTimes& times) {
  Json json{{"domain", entry.domain},
            {"selector", entry.selector},
            {"family", entry.family},
            {"state", text(entry.life.state)},
            {"since", time_text(entry.life.since)}};
  json["seen"] = entry.life.seen == 0 ? Json(nullptr) : Json(time_text(entry.life.seen));
  const auto next = next_change(entry.life, times);
  json["next"] = next == 0 ? Json(nullptr) : Json(time_text(next));
  json["record_name"] = entry.selector + "._domainkey." + entry.domain;
  if (entry.key.empty()) return json;
  const auto key = dkim::Key::from_pem(entry.key.text());
  if (!key) return json;
  const auto service = entry.use == "reports" ? dkim::Service::tls_reports : dkim::Service::any;
  json["record"] = dkim::key_record(*key, service);
  json["zone_line"] = dkim::zone_line(entry.domain, entry.selector, *key, service);
  return json;
}

}  // namespace

Json Vault::entry_json(const Entry& entry) const {
  Json json{{"name", entry.name},
            {"kind", text(entry.kind)},
            {"use", entry.use},
            {"algorithm", entry.algorithm},
            {"created", time_text(entry.created)},
            {"changed", time_text(entry.changed)}};
  if (entry.kind == Kind::tls) json.update(tls_json(entry, now_));
  if (entry.kind == Kind::dkim) json.update(dkim_json(entry, options_.times));
  return json;
}

Json Vault::list(const Question& question) {
  const auto kind = text_field(question, "kind");
  const auto use = text_field(question, "use");
  Json entries = Json::array();
  for (const auto& [name, entry] : store_.entries()) {
    if ((kind.empty() || kind == text(entry.kind)) && (use.empty() || use == entry.use))
      entries.push_back(entry_json(entry));
  }
  return {{"entries", std::move(entries)}};
}

Json Vault::show(const Question& question) {
  const auto& entry = known(question);
  auto json = entry_json(entry);
  if (entry.kind == Kind::tls) json["chain"] = entry.chain;
  return {{"entry", std::move(json)}};
}

Json Vault::make(const Question& question) {
  const auto kind = text_field(question, "kind");
  const auto name = text_field(question, "name");
  if (store_.find(name) != nullptr) throw Refusal{"there is an entry '" + name + "' already", "name"};
  if (kind == "tls") return make_tls(question, fresh(question, Kind::tls));
  if (kind == "dkim") return make_dkim(question, fresh(question, Kind::dkim));
  if (kind != "secret") throw Refusal{"kind has to be tls, dkim or secret", "kind"};
  auto entry = fresh(question, Kind::secret);
  auto value = text_field(question, "text");
  const Wiped wiped(value);
  if (value.empty()) throw Refusal{"text is missing: the secret itself", "text"};
  entry.key = Secret::of(std::string_view(value));
  return keep(std::move(entry));
}

Json Vault::make_tls(const Question& question, Entry entry) {
  const auto wanted = text_field(question, "algorithm", "ecdsa");
  if (wanted != "ecdsa" && wanted != "rsa") throw Refusal{"algorithm has to be ecdsa or rsa", "algorithm"};
  const int bits = question.value("bits", 2048);
  auto pem = make_key(wanted == "rsa" ? Algorithm::rsa : Algorithm::p256, bits);
  if (!pem) throw Refusal{std::string(pem.error().reason), "bits"};
  entry.key = std::move(*pem);
  auto key = PrivateKey::from_pem(entry.key.text());
  if (!key) throw Refusal{std::string(key.error().reason), ""};
  entry.algorithm = key->name();
  auto chain = self_signed(*key, names_field(question), question.value("days", kSelfSignedDays), now_);
  if (!chain) throw Refusal{chain.error().reason, "names"};
  entry.chain = std::move(*chain);
  return keep(std::move(entry));
}

Json Vault::self_sign(const Question& question) {
  const auto* before = store_.find(text_field(question, "name"));
  if (before != nullptr && before->kind != Kind::tls)
    throw Refusal{"'" + before->name + "' is of another kind", "name"};
  auto entry = fresh(question, Kind::tls);
  if (before != nullptr) {
    entry.created = before->created;
    entry.use = before->use;
  }
  return make_tls(question, std::move(entry));
}

Json Vault::remove(const Question& question) {
  const auto name = known(question).name;
  if (name == kWeb || name == kPepper) throw Refusal{"'" + name + "' is always there", "name"};
  if (question.value("sure", false) != true)
    throw Refusal{"a key that is deleted cannot be had again; say sure", "sure"};
  if (const auto removed = store_.remove(name); !removed) throw Refusal{removed.error().reason, ""};
  ++revision_;
  return {{"deleted", name}};
}

}  // namespace postern::keystore
