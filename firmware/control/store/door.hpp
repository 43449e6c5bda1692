// What people may ask of the store, through the door: verbs settings.*, JSON in and out.
//
// Every face speaks these and nothing else, so all of them show and do the same. Secrets go in and never come
// out, except sealed with a passphrase.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/store/store.hpp"

namespace postern::control {

// What the cores run, as the store's generations; 0: one that this control did not give out.
struct Applied {
  std::vector<std::uint64_t> cores;
  std::uint64_t generation = 0;  // the oldest of them
  std::vector<std::string> waiting_for_restart;
  std::string refused;  // why the data plane does not take what was given out last
};

class SettingsDoor {
 public:
  using Json = nlohmann::ordered_json;

  // `changed`: another generation is in force.
  SettingsDoor(Store& store, std::function<void()> changed, std::function<Applied()> applied)
      : store_(store), changed_(std::move(changed)), applied_(std::move(applied)) {}

  // Nothing: the command is not of this room.
  std::optional<Json> answer(const nlohmann::json& question, const Actor& actor, Now now);

 private:
  using Question = nlohmann::json;
  struct Verb;
  friend struct SettingsDoorVerbs;

  Store& store_;
  std::function<void()> changed_;
  std::function<Applied()> applied_;
};

// Who asks: what the question says, where the asker may speak for others, else who he is to the kernel.
Actor actor_of(const nlohmann::json& question, unsigned uid, bool may_speak_for_others);

}  // namespace postern::control
