// The verbs of certificates: requests and uploads.
#include "firmware/control/keystore/pem/issue.hpp"
#include "firmware/control/keystore/service/vault.hpp"
#include "firmware/dkim/key.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::keystore {

namespace {

PrivateKey open_key(const Secret& pem, const char* field) {
  auto key = PrivateKey::from_pem(pem.text());
  if (!key) throw Refusal{std::string(key.error().reason), field};
  return std::move(*key);
}

}  // namespace

Json Vault::csr(const Question& question) {
  const auto& entry = known(question);
  if (entry.kind != Kind::tls) throw Refusal{"only a TLS key gets a certificate", "name"};
  auto names = names_field(question);
  if (names.empty()) {
    const auto facts = read_chain(entry.chain);
    if (facts) names = facts->names;
  }
  auto key = open_key(entry.key, "name");
  const auto request = make_request(key, names, text_field(question, "organization"));
  if (!request) throw Refusal{request.error().reason, "names"};
  return {{"csr", *request}};
}

Json Vault::upload(const Question& question) {
  const auto name = text_field(question, "name");
  auto pem = text_field(question, "key");
  const Wiped wiped(pem);
  const auto* before = store_.find(name);
  const bool dkim = question.contains("domain");
  if (before != nullptr && (dkim || before->kind != Kind::tls))
    throw Refusal{"there is an entry '" + name + "' already, of a kind that is not replaced by upload",
                  "name"};
  auto entry = fresh(question, dkim ? Kind::dkim : Kind::tls);
  if (!pem.empty()) {
    entry.key = Secret::of(std::string_view(pem));
  } else if (before != nullptr) {
    entry.key = before->key.copy();
  } else {
    throw Refusal{"key is missing, and there is none under that name", "key"};
  }
  if (dkim) return upload_dkim(question, std::move(entry));
  if (before != nullptr) {
    entry.created = before->created;
    entry.use = before->use;
  }
  auto key = open_key(entry.key, "key");
  if (key.algorithm() == Algorithm::ed25519)
    throw Refusal{"mail servers do not know Ed25519 certificates; use ECDSA or RSA", "key"};
  entry.algorithm = key.name();
  auto checked = check_chain(text_field(question, "chain"), key.public_info(), now_);
  if (!checked.faults.empty()) {
    std::string all;
    for (const auto& one : checked.faults) all += (all.empty() ? "" : "; ") + one;
    throw Refusal{all, "chain"};
  }
  entry.chain = std::move(checked.pem);
  auto answer = keep(std::move(entry));
  answer["warnings"] = checked.warnings;
  return answer;
}

Json Vault::upload_dkim(const Question& question, Entry entry) {
  entry.domain = ipc::lower(text_field(question, "domain"));
  entry.selector = ipc::lower(text_field(question, "selector"));
  entry.family = entry.name;
  if (!ipc::is_domain(entry.domain)) throw Refusal{"domain has to be a domain name", "domain"};
  if (!ipc::is_domain(entry.selector)) throw Refusal{"selector has to be a name", "selector"};
  const auto key = dkim::Key::from_pem(entry.key.text());
  if (!key) throw Refusal{std::string(key.error().reason), "key"};
  entry.algorithm = open_key(entry.key, "key").name();
  auto answer = keep(std::move(entry));
  answer["warnings"] = Json::array();
  return answer;
}

}  // namespace postern::keystore
