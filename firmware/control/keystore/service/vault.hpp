// What the keystore does, without its line to control: the verbs on the store, the ways it is opened, who
// gets what. One thread at a time.
//
// What always holds: no answer has a secret in it; what changed is on disk before it is answered.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "drivers/tpm/tpm.hpp"
#include "firmware/control/keystore/pem/chain.hpp"
#include "firmware/control/keystore/store/store.hpp"
#include "firmware/ipc/grants.hpp"
#include "platform/base/time.hpp"

namespace postern::keystore {

using Json = nlohmann::ordered_json;

struct VaultOptions {
  std::string directory;
  std::string key_file;  // empty: unlock in the directory
  Cost cost;
  RotationTimes times;

  std::string key_path() const { return key_file.empty() ? directory + "/unlock" : key_file; }
};

// Why a verb was not done: a text, and which fields are wrong.
struct Refusal {
  std::string error;
  std::string field;  // empty: none of them
};

class Vault {
 public:
  // `tpm` may be null.
  static Result<Vault, Fault> open(VaultOptions options, std::unique_ptr<tpm::Tpm> tpm, WallTime now);

  // The question's secret fields are wiped.
  Json answer(nlohmann::json& question, WallTime now);
  // What time does: keys move on. True where something changed.
  bool tick(WallTime now);
  // What that process may have.
  ipc::Grants grants(std::string_view process) const;

  bool locked() const { return store_.locked(); }
  // Grows with every change of what is given out.
  std::uint64_t revision() const { return revision_; }
  // How the process is confined, for keys.state.
  void set_confined(Json confined) { confined_ = std::move(confined); }

 private:
  using Question = nlohmann::json;
  struct Verb {
    std::string_view name;
    Json (Vault::*act)(const Question&);
    bool while_locked = false;
  };
  static const std::vector<Verb>& verbs();

  Vault(VaultOptions options, std::unique_ptr<tpm::Tpm> tpm, Store store)
      : options_(std::move(options)), tpm_(std::move(tpm)), store_(std::move(store)) {}

  // Opening: unlock.cpp
  Result<void, Fault> begin();
  Result<void, Fault> create();
  bool try_slot(const Slot& slot, std::string_view passphrase, std::string& why);
  Result<void, Fault> opened(Secret master, SlotKind by);
  Result<Slot, Fault> make_slot(SlotKind kind, const Secret& master, std::string_view passphrase);
  Json unlock(const Question& question);
  Json protect(const Question& question);
  Json state(const Question& question);
  std::string said() const;

  // Entries: verbs.cpp
  Json list(const Question& question);
  Json show(const Question& question);
  Json make(const Question& question);
  Json remove(const Question& question);
  Json make_tls(const Question& question, Entry entry);
  Json make_dkim(const Question& question, Entry entry);

  // Certificates: verbs_tls.cpp
  Json csr(const Question& question);
  Json upload(const Question& question);
  Json upload_dkim(const Question& question, Entry entry);
  Json self_sign(const Question& question);

  // Keys that sign mail: verbs_dkim.cpp
  Json rotate(const Question& question);
  Json seen(const Question& question);
  Json move_by_hand(Entry& entry, const std::string& to, bool sure);
  bool advance_family(const std::string& family);
  std::vector<Entry*> family_of(const std::string& family);

  Entry fresh(const Question& question, Kind kind) const;
  Entry& known(const Question& question);
  Json keep(Entry entry);
  Json entry_json(const Entry& entry) const;
  std::uint64_t now_ns() const { return static_cast<std::uint64_t>(now_.time_since_epoch().count()); }

  VaultOptions options_;
  std::unique_ptr<tpm::Tpm> tpm_;
  Store store_;
  WallTime now_{};
  SlotKind opened_by_{};
  std::vector<std::string> locked_why_;
  std::uint64_t revision_ = 1;
  Json confined_ = Json::object();
};

// Fields of a question; throws a Refusal where one has the wrong form.
std::string text_field(const nlohmann::json& question, const char* name, std::string_view fallback = {});
std::vector<std::string> names_field(const nlohmann::json& question);
std::string time_text(std::uint64_t wall_ns);

}  // namespace postern::keystore
