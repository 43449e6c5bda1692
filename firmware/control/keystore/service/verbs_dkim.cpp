// The verbs of keys that sign mail: make, rotate, what the DNS shows.
#include <algorithm>

#include "firmware/control/keystore/pem/private_key.hpp"
#include "firmware/control/keystore/service/vault.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::keystore {

namespace {

Algorithm dkim_algorithm(const std::string& text) {
  if (text == "rsa" || text.starts_with("rsa-")) return Algorithm::rsa;
  if (text == "ed25519") return Algorithm::ed25519;
  throw Refusal{"algorithm has to be rsa or ed25519", "algorithm"};
}

// "p20261122": people see when it was made.
std::string selector_for(std::uint64_t now) {
  auto day = time_text(now).substr(0, 10);
  std::erase(day, '-');
  return "p" + day;
}

void fill_key(Entry& entry, Algorithm algorithm, int bits) {
  auto pem = make_key(algorithm, bits);
  if (!pem) throw Refusal{std::string(pem.error().reason), "bits"};
  entry.key = std::move(*pem);
  auto key = PrivateKey::from_pem(entry.key.text());
  if (!key) throw Refusal{std::string(key.error().reason), ""};
  entry.algorithm = key->name();
}

}  // namespace

Json Vault::make_dkim(const Question& question, Entry entry) {
  entry.domain = ipc::lower(text_field(question, "domain"));
  entry.selector = ipc::lower(text_field(question, "selector", selector_for(now_ns())));
  entry.family = entry.name;
  if (!ipc::is_domain(entry.domain)) throw Refusal{"domain has to be a domain name", "domain"};
  if (!ipc::is_domain(entry.selector)) throw Refusal{"selector has to be a name", "selector"};
  for (const auto& [name, other] : store_.entries()) {
    if (other.kind == Kind::dkim && other.domain == entry.domain && other.selector == entry.selector)
      throw Refusal{"'" + name + "' has that domain and selector already", "selector"};
  }
  fill_key(entry, dkim_algorithm(text_field(question, "algorithm", "rsa")), question.value("bits", 2048));
  return keep(std::move(entry));
}

std::vector<Entry*> Vault::family_of(const std::string& family) {
  std::vector<Entry*> all;
  for (const auto& [name, entry] : store_.entries()) {
    if (entry.kind == Kind::dkim && entry.family == family) all.push_back(store_.find(name));
  }
  std::sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) { return a->created < b->created; });
  return all;
}

// A key that is removed is wiped here too; what remains says that it was.
bool Vault::advance_family(const std::string& family) {
  const auto keys = family_of(family);
  std::vector<Life> lives;
  for (const auto* key : keys) lives.push_back(key->life);
  if (!move_on(lives, now_ns(), options_.times)) return false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i]->life.state == lives[i].state) continue;
    keys[i]->life = lives[i];
    keys[i]->changed = now_ns();
    if (lives[i].state == State::removed) keys[i]->key.clear();
    if (const auto saved = store_.save(*keys[i]); !saved) throw Refusal{saved.error().reason, ""};
  }
  ++revision_;
  return true;
}

Json Vault::seen(const Question& question) {
  auto& entry = known(question);
  if (entry.kind != Kind::dkim) throw Refusal{"'" + entry.name + "' signs no mail", "name"};
  const auto found = question.find("seen");
  if (found == question.end() || !found->is_boolean()) throw Refusal{"seen has to be true or false", "seen"};
  looked(entry.life, found->get<bool>(), now_ns());
  if (const auto saved = store_.save(entry); !saved) throw Refusal{saved.error().reason, ""};
  advance_family(entry.family);
  return {{"entry", entry_json(entry)}};
}

Json Vault::move_by_hand(Entry& entry, const std::string& to, bool sure) {
  const auto state = read_state(to);
  if (!state) throw Refusal{"to has to be new, published, signing, retiring or removed", "to"};
  if (const auto why = forbidden(entry.life.state, *state); !why.empty())
    throw Refusal{std::string(why), "to"};
  if (!sure) throw Refusal{"that goes past what the DNS shows; say sure", "sure"};
  const auto name = entry.name;
  entry.life.state = *state;
  entry.life.since = entry.changed = now_ns();
  if (*state == State::removed) entry.key.clear();
  if (*state != State::fresh && entry.life.seen == 0) entry.life.seen = now_ns();
  if (const auto saved = store_.save(entry); !saved) throw Refusal{saved.error().reason, ""};
  ++revision_;
  Json answer;
  std::vector<std::string> signing;
  for (const auto* one : family_of(entry.family)) {
    if (one->life.state == State::signing && one->name != name) signing.push_back(one->name);
  }
  // A person who takes an older key back retires the younger one.
  if (*state == State::signing) {
    for (const auto& other : signing) {
      auto& one = *store_.find(other);
      one.life.state = State::retiring;
      one.life.since = one.changed = now_ns();
      if (const auto saved = store_.save(one); !saved) throw Refusal{saved.error().reason, ""};
    }
  }
  answer["entry"] = entry_json(entry);
  if (*state == State::signing && !signing.empty()) answer["retired"] = signing.front();
  return answer;
}

Json Vault::rotate(const Question& question) {
  auto& entry = known(question);
  if (entry.kind != Kind::dkim)
    throw Refusal{"only keys that sign mail rotate; a certificate is renewed by uploading a new one", "name"};
  if (question.contains("to"))
    return move_by_hand(entry, text_field(question, "to"), question.value("sure", false));
  const auto family = family_of(entry.family);
  for (const auto* one : family) {
    if (one->life.state == State::fresh || one->life.state == State::published)
      throw Refusal{"'" + one->name + "' is on its way already", "name"};
  }
  const auto& last = *family.back();
  Entry next;
  for (std::size_t number = family.size() + 1;; ++number) {
    next.name = entry.family + "." + std::to_string(number);
    if (store_.find(next.name) == nullptr) break;
  }
  if (!is_entry_name(next.name)) throw Refusal{"the successor's name would be too long", "name"};
  next.kind = Kind::dkim;
  next.use = last.use;
  next.domain = last.domain;
  next.family = last.family;
  next.created = next.changed = next.life.since = now_ns();
  next.selector = ipc::lower(text_field(question, "selector", selector_for(now_ns())));
  const auto taken = [&] {
    return std::any_of(family.begin(), family.end(),
                       [&](const Entry* one) { return one->selector == next.selector; });
  };
  if (question.contains("selector") && (!ipc::is_domain(next.selector) || taken()))
    throw Refusal{"selector has to be a name that this domain does not have yet", "selector"};
  for (char letter = 'b'; taken() && letter <= 'z'; ++letter) next.selector = selector_for(now_ns()) + letter;
  fill_key(next, dkim_algorithm(text_field(question, "algorithm", last.algorithm)),
           question.value("bits", 2048));
  return keep(std::move(next));
}

}  // namespace postern::keystore
