// How the store is opened: the TPM, a key file, a passphrase.
#include <algorithm>
#include <chrono>

#include "firmware/control/keystore/pem/issue.hpp"
#include "firmware/control/keystore/service/vault.hpp"
#include "firmware/control/keystore/store/files.hpp"

namespace postern::keystore {

namespace {

constexpr std::size_t kMostKeyFile = 64u << 10;
constexpr std::size_t kKeyFileBytes = 64;
constexpr std::size_t kPepperBytes = 32;
constexpr std::size_t kLeastPassphrase = 10;
constexpr int kFirstDays = 3650;
constexpr char kWeb[] = "web";
constexpr char kPepper[] = "pepper";

SlotKind slot_kind(const std::string& text) {
  for (const auto kind : {SlotKind::tpm, SlotKind::passphrase, SlotKind::file}) {
    if (keystore::text(kind) == text) return kind;
  }
  throw Refusal{"it has to be tpm, passphrase or file, not '" + text + "'", "by"};
}

std::pair<std::string, std::string> split(const std::string& path) {
  const auto slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

Result<Vault, Fault> Vault::open(VaultOptions options, std::unique_ptr<tpm::Tpm> tpm, WallTime now) {
  auto store = Store::open(options.directory);
  if (!store) return tl::unexpected(store.error());
  Vault vault(std::move(options), std::move(tpm), std::move(*store));
  vault.now_ = now;
  if (const auto begun = vault.begin(); !begun) return tl::unexpected(begun.error());
  return vault;
}

Result<void, Fault> Vault::begin() {
  if (!store_.exists()) return create();
  for (const auto& slot : store_.slots()) {
    std::string why;
    if (try_slot(slot, {}, why)) return {};
    if (slot.kind != SlotKind::passphrase) locked_why_.push_back(std::string(text(slot.kind)) + ": " + why);
  }
  return {};  // locked: a passphrase is wanted
}

// A box has to start without a person: the TPM, or else a file that says plainly what it is.
Result<void, Fault> Vault::create() {
  auto master = Secret::random(kMasterBytes);
  auto slot = make_slot(tpm_ ? SlotKind::tpm : SlotKind::file, master, {});
  if (!slot && tpm_) slot = make_slot(SlotKind::file, master, {});
  if (!slot) return tl::unexpected(slot.error());
  const auto kind = slot->kind;
  if (const auto made = store_.create(master.copy(), std::move(*slot)); !made) return made;
  return opened(std::move(master), kind);
}

Result<Slot, Fault> Vault::make_slot(SlotKind kind, const Secret& master, std::string_view passphrase) {
  Slot slot{kind, now_ns(), {}, {}};
  if (kind == SlotKind::tpm) {
    if (!tpm_) return fault("there is no TPM");
    const auto key = Secret::random(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
    auto object = tpm_->seal(key.bytes());
    if (!object) return tl::unexpected(object.error());
    slot.parameters = std::move(*object);
    wrap(slot, master, key);
    return slot;
  }
  if (kind == SlotKind::passphrase) {
    slot.parameters = passphrase_parameters(options_.cost);
    const auto key = passphrase_key(passphrase, slot.parameters);
    if (!key) return fault(std::string(key.error().reason));
    wrap(slot, master, *key);
    return slot;
  }
  const auto path = options_.key_path();
  auto content = read_whole(path, kMostKeyFile);
  if (!content) return tl::unexpected(content.error());
  if (content->empty()) {
    const auto [directory, name] = split(path);
    *content = Secret::random(kKeyFileBytes);
    if (const auto written = replace_file(directory, name, content->bytes()); !written)
      return tl::unexpected(written.error());
  }
  slot.parameters = file_parameters();
  const auto key = file_key(content->bytes(), slot.parameters);
  if (!key) return fault(path + ": " + std::string(key.error().reason));
  wrap(slot, master, *key);
  return slot;
}

bool Vault::try_slot(const Slot& slot, std::string_view passphrase, std::string& why) {
  Secret key;
  if (slot.kind == SlotKind::tpm) {
    if (!tpm_) return why = "there is no TPM", false;
    key = Secret(tpm::kMostSealedBytes);
    const auto got = tpm_->unseal(slot.parameters, key.bytes());
    if (!got) return why = got.error().reason, false;
    key = Secret::of(key.bytes().first(*got));
  } else {
    Result<Secret> derived;
    if (slot.kind == SlotKind::passphrase) {
      if (passphrase.empty()) return false;
      derived = passphrase_key(passphrase, slot.parameters);
    } else {
      const auto content = read_whole(options_.key_path(), kMostKeyFile);
      if (!content) return why = content.error().reason, false;
      if (content->empty()) return why = options_.key_path() + " is not there", false;
      derived = file_key(content->bytes(), slot.parameters);
    }
    if (!derived) return why = derived.error().reason, false;
    key = std::move(*derived);
  }
  auto master = unwrap(slot, key);
  if (!master) return why = master.error().reason, false;
  const auto done = opened(std::move(*master), slot.kind);
  if (!done) why = done.error().reason;
  return done.has_value();
}

// What has to be there from the first start on: the admin page's certificate, and its pepper.
Result<void, Fault> Vault::opened(Secret master, SlotKind by) {
  if (const auto read = store_.unlock(std::move(master)); !read) return read;
  opened_by_ = by;
  locked_why_.clear();
  ++revision_;
  Entry entry;
  entry.use = "web";
  entry.created = entry.changed = now_ns();
  if (store_.find(kPepper) == nullptr) {
    entry.name = kPepper;
    entry.kind = Kind::pepper;
    entry.key = Secret::random(kPepperBytes);
    if (const auto kept = store_.put(std::move(entry)); !kept) return kept;
  }
  if (store_.find(kWeb) != nullptr) return {};
  Entry web;
  web.name = kWeb;
  web.kind = Kind::tls;
  web.use = "web";
  web.created = web.changed = now_ns();
  auto pem = make_key(Algorithm::p256);
  if (!pem) return fault(std::string(pem.error().reason));
  web.key = std::move(*pem);
  auto key = PrivateKey::from_pem(web.key.text());
  if (!key) return fault(std::string(key.error().reason));
  web.algorithm = key->name();
  auto chain = self_signed(*key, {"postern.invalid"}, kFirstDays, now_);
  if (!chain) return tl::unexpected(chain.error());
  web.chain = std::move(*chain);
  return store_.put(std::move(web));
}

Json Vault::unlock(const Question& question) {
  if (!locked()) return state(question);
  auto passphrase = text_field(question, "passphrase");
  const Wiped wiped(passphrase);
  std::string why = "the store has no passphrase; what opens it is missing";
  for (const auto& slot : store_.slots()) {
    if (slot.kind != SlotKind::passphrase) continue;
    if (try_slot(slot, passphrase, why)) return state(question);
    why = "that is not the passphrase";
  }
  throw Refusal{why, "passphrase"};
}

Json Vault::protect(const Question& question) {
  auto slots = store_.slots();
  if (question.contains("by")) {
    const auto kind = slot_kind(text_field(question, "by"));
    auto passphrase = text_field(question, "passphrase");
    const Wiped wiped(passphrase);
    if (kind == SlotKind::passphrase && passphrase.size() < kLeastPassphrase)
      throw Refusal{"a passphrase has at least 10 characters", "passphrase"};
    auto slot = make_slot(kind, store_.master(), passphrase);
    if (!slot) throw Refusal{slot.error().reason, "by"};
    std::erase_if(slots, [&](const Slot& one) { return one.kind == kind; });
    slots.push_back(std::move(*slot));
  }
  if (question.contains("drop")) {
    const auto kind = slot_kind(text_field(question, "drop"));
    std::erase_if(slots, [&](const Slot& one) { return one.kind == kind; });
  }
  if (slots.empty()) throw Refusal{"that would leave no way to open the store", "drop"};
  const auto has_file = [&] {
    return std::any_of(slots.begin(), slots.end(),
                       [](const Slot& one) { return one.kind == SlotKind::file; });
  };
  if (const auto written = store_.set_slots(std::move(slots)); !written)
    throw Refusal{written.error().reason, ""};
  slots = store_.slots();
  if (!has_file()) {
    const auto [directory, name] = split(options_.key_path());
    if (const auto removed = remove_file(directory, name); !removed)
      throw Refusal{removed.error().reason, ""};
  }
  return state(question);
}

std::string Vault::said() const {
  if (locked()) {
    std::string text = "what opens the store is missing";
    for (const auto& slot : store_.slots()) {
      if (slot.kind == SlotKind::passphrase) text = "it waits for its passphrase: 'postern keys unlock'";
    }
    for (const auto& why : locked_why_) text += "; " + why;
    return text;
  }
  switch (opened_by_) {
    case SlotKind::tpm:
      return "the master key is sealed by the TPM: the store opens on this board only";
    case SlotKind::passphrase:
      return "the master key is under a passphrase, which has to be given after each start";
    case SlotKind::file:
      return "the master key is protected by a file only (" + options_.key_path() +
             "): whoever has the disk has the keys";
  }
  return "";
}

Json Vault::state(const Question&) {
  Json slots = Json::array();
  for (const auto& slot : store_.slots())
    slots.push_back({{"kind", text(slot.kind)}, {"since", time_text(slot.since)}});
  Json json{{"ready", true},
            {"locked", locked()},
            {"opened_by", locked() ? Json(nullptr) : Json(text(opened_by_))},
            {"slots", std::move(slots)},
            {"said", said()},
            {"tpm", {{"present", tpm_ != nullptr}, {"what", tpm_ ? tpm_->what() : ""}}},
            {"entries", store_.entries().size()},
            {"troubles", store_.troubles()},
            {"confined", confined_}};
  return json;
}

}  // namespace postern::keystore
