// Updates at control's door: see the header.
#include "firmware/control/update/desk/update_desk.hpp"

#include <fstream>

#include "firmware/control/update/install/medium.hpp"

namespace postern::control::update {
namespace {

constexpr std::uint32_t kMostMinutes = 1440;

Json refusal(const std::string& why) {
  return {{"error", why}};
}

}  // namespace

std::optional<Json> UpdateDesk::answer(const nlohmann::json& question, bool trusted,
                                       std::uint64_t generation) {
  const auto command = question.value("command", std::string());
  std::error_code error;
  if (!command.starts_with("update.") && !command.starts_with("system.")) return {};
  if (!std::filesystem::is_directory(folder_, error)) return {};
  if (command == "update.state") return state();
  if (!trusted) return refusal("only root and the administration may change what runs");
  if (command.starts_with("system.")) return end(command, question.value("sure", false));
  if (command == "update.confirm") return order({{"verb", "confirm"}});
  if (command == "update.rollback") return order({{"verb", "rollback"}});
  if (command != "update.install") return {};
  const auto file = question.value("file", std::string());
  if (!names_medium(file)) {
    if (!file.starts_with('/'))
      return refusal("a bundle is 'usb' (on a medium that is plugged in) or named by its whole path on the box");
    if (!std::filesystem::is_regular_file(file, error)) return refusal("there is no file " + file);
  }
  const auto minutes = question.value("confirm_minutes", std::uint32_t{0});
  if (minutes > kMostMinutes) return refusal("confirm_minutes is 0 to 1440");
  return order({{"verb", "install"},
                {"file", file},
                {"allow_older", question.value("allow_older", false)},
                {"confirm_minutes", minutes},
                {"settings_generation", generation}});
}

// The updater takes the request away when it begins and leaves a result when it is done.
bool UpdateDesk::busy() const {
  std::error_code error;
  return std::filesystem::exists(folder_ / "request.json", error) ||
         std::filesystem::exists(folder_ / "progress.json", error);
}

Json UpdateDesk::state() const {
  auto json = read_json(folder_ / "status.json");
  if (!json.is_object()) json = Json::object();
  json["busy"] = busy();
  if (auto progress = read_json(folder_ / "progress.json"); progress.is_object()) json["progress"] = progress;
  if (auto result = read_json(folder_ / "result.json"); result.is_object()) json["result"] = result;
  return json;
}

bool UpdateDesk::ask_init(const std::string& wish) const {
  std::ofstream file(wish_);
  file << wish << "\n";
  file.close();
  return static_cast<bool>(file);
}

std::optional<Json> UpdateDesk::end(const std::string& command, bool sure) const {
  struct Ending {
    std::string_view command, wish, told;
  };
  static constexpr Ending kEndings[] = {
      {"system.reboot", "reboot", "the box ends its sessions and starts again"},
      {"system.power_off", "poweroff", "the box ends its sessions and switches off"},
      {"system.erase", "factory-reset", "the box forgets everything and starts anew"},
  };
  for (const auto& row : kEndings) {
    if (row.command != command) continue;
    // Nothing is lost by a restart; forgetting has to be meant.
    if (command == "system.erase" && !sure) return refusal("say that you are sure");
    return ask_init(std::string(row.wish)) ? Json{{"done", std::string(row.told)}}
                                           : refusal("cannot write " + wish_.string());
  }
  return {};
}

std::string UpdateDesk::slot() const {
  const auto json = read_json(folder_ / "status.json");
  if (!json.is_object() || !json.contains("slots")) return {};
  for (const auto& one : json["slots"]) {
    if (!one.value("running", false)) continue;
    return one.value("slot", "") + ", version " + one.value("version", "") + ", " + one.value("condition", "");
  }
  return json.value("running", "");
}

Json UpdateDesk::order(Json request) {
  if (busy()) return refusal("another update is at work");
  std::error_code ignored;
  std::filesystem::remove(folder_ / "result.json", ignored);
  request["wish"] = wish_.string();
  write_json(folder_ / "request.json", request);
  if (ask_init("update") && std::filesystem::exists(folder_ / "request.json", ignored)) return {{"started", true}};
  std::filesystem::remove(folder_ / "request.json", ignored);
  return refusal("the request cannot be laid down in " + folder_.string());
}

}  // namespace postern::control::update
