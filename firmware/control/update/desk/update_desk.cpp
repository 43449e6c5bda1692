// Updates at control's door: see the header.
#include "firmware/control/update/desk/update_desk.hpp"

#include <fstream>

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
  if (!command.starts_with("update.") || !std::filesystem::is_directory(folder_, error)) return {};
  if (command == "update.state") return state();
  if (!trusted) return refusal("only root and the administration may change what runs");
  if (command == "update.confirm") return order({{"verb", "confirm"}});
  if (command == "update.rollback") return order({{"verb", "rollback"}});
  if (command != "update.install") return {};
  const auto file = question.value("file", std::string());
  if (file.empty() || !file.starts_with('/'))
    return refusal("a bundle is named by its whole path on the box, as in /data/update.bundle");
  if (!std::filesystem::is_regular_file(file, error)) return refusal("there is no file " + file);
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

Json UpdateDesk::order(Json request) {
  if (busy()) return refusal("another update is at work");
  std::error_code ignored;
  std::filesystem::remove(folder_ / "result.json", ignored);
  write_json(folder_ / "request.json", request);
  std::ofstream wish(wish_);
  wish << "update\n";
  wish.close();
  if (wish && std::filesystem::exists(folder_ / "request.json", ignored)) return {{"started", true}};
  std::filesystem::remove(folder_ / "request.json", ignored);
  return refusal("the request cannot be laid down in " + folder_.string());
}

}  // namespace postern::control::update
