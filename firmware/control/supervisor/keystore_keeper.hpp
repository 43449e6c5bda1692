// Keeps the keystore running, carries the door's keys.* questions to it, and holds what it gives out for the
// data plane. Other processes' keepers ask for what is theirs through subscribe().
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "firmware/control/supervisor/companion.hpp"
#include "firmware/ipc/grants.hpp"
#include "firmware/ipc/keystore_messages.hpp"

namespace postern::control {

class KeystoreKeeper {
 public:
  using Json = nlohmann::ordered_json;
  using Hear = std::function<void(ipc::Grants)>;

  // `changed`: what granted() says is another thing than before.
  KeystoreKeeper(Launcher launcher, std::string socket_path, std::function<void()> changed);

  void turn(Instant now);
  // Until it said what it gives out, that it is locked, or that it cannot run; at most that long.
  void wait(Duration patience);
  void stop() { companion_.stop(); }
  bool stopped() const { return companion_.stopped(); }

  // Nothing where the question is not for the keystore; null where the answer is still to come: then it is
  // asked again with the same `client`. The question's secrets are not kept.
  std::optional<Json> answer(const nlohmann::json& question, std::uint64_t client, Instant now);
  // For the data plane; null: not there yet, or locked.
  const ipc::Grants* granted() const { return granted_ ? &*granted_ : nullptr; }
  // From now on `hear` is called with what that process may have, at once and after each change. It wipes it.
  void subscribe(std::string process, Hear hear);

  bool locked() const { return report_ && report_->locked; }
  const CompanionFacts& facts() const { return companion_.facts(); }
  Json json(Instant now) const;
  void add_warnings(std::vector<std::string>& all) const;
  std::vector<int> descriptors() const { return companion_.descriptors(); }

 private:
  struct Asked {
    std::uint64_t client = 0;  // 0: ours
    std::string process;       // of whom grants were asked for
    Instant since{};
    std::optional<Json> answer;
    std::uint64_t after = 0;  // what is given out is heard first: who was answered can rely on it
  };

  bool on_packet(const ipc::MessageView& message, process::Packet& packet);
  bool on_answer(Bytes body, const process::Descriptor& memory);
  bool on_report(Bytes body);
  void on_gone();
  std::uint64_t ask_for(const std::string& process);
  std::uint64_t send(std::string question);

  std::function<void()> changed_;
  std::optional<ipc::KeystoreReport> report_;
  std::optional<ipc::Grants> granted_;
  std::map<std::string, Hear> subscribers_;
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t last_number_ = 0;
  Companion companion_;
};

}  // namespace postern::control
