// Updates at control's door, for the console, the web and the API.
//
// Control may neither mount nor write disks. It lays a request into the slots folder and asks init (the wish
// file) to run `postern update request`; what comes of it is read from files that the updater leaves there.
//
//   update.state                                      -> {running, next, version, floor, last, slots, busy,
//   progress?, result?} update.install {file, allow_older?, confirm_minutes?} -> {started: true}
//   update.confirm, update.rollback                   -> {started: true}; the box restarts where it has to
//   system.reboot, system.power_off, system.erase {sure} -> {done: text}: init ends the box, or makes it forget
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "firmware/control/update/install/report.hpp"

namespace postern::control::update {

class UpdateDesk {
 public:
  UpdateDesk(std::filesystem::path slots_folder, std::filesystem::path wish)
      : folder_(std::move(slots_folder)), wish_(std::move(wish)) {}

  // Nothing where the question is not about updates, or this is no box with slots. `trusted`: it comes from
  // root or from the administration, which have asked who it is. `generation`: of the settings that run.
  std::optional<Json> answer(const nlohmann::json& question, bool trusted, std::uint64_t generation);
  // What runs, in a few words: "a, version 0.1, good"; empty where the updater has not told yet.
  std::string slot() const;

 private:
  Json state() const;
  std::optional<Json> end(const std::string& command, bool sure) const;
  bool ask_init(const std::string& wish) const;
  Json order(Json request);
  bool busy() const;

  std::filesystem::path folder_;
  std::filesystem::path wish_;
};

}  // namespace postern::control::update
