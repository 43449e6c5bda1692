// What the updater tells others: see the header.
#include "firmware/control/update/install/report.hpp"

#include <fstream>

namespace postern::control::update {

Outcome<Json> status_json(Box& box, std::uint64_t now_seconds) {
  const auto names = box.disk().list();
  if (!names) return tl::unexpected(names.error());
  const auto next = slots::starts_next(*names);
  const auto& running = box.running().started;
  Json json{{"board", box.board()},
            {"running", running ? std::string(1, slots::letter(running->slot)) : "rescue"},
            {"next", next ? std::string(1, slots::letter(next->slot)) : ""},
            {"version", box.running_version()},
            {"floor", box.record().floor},
            {"last", box.record().last},
            {"slots", Json::array()}};
  if (const auto until = confirm_until(box); until != 0)
    json["confirm_seconds"] = until > now_seconds ? until - now_seconds : 0;
  for (const auto slot : {slots::Slot::a, slots::Slot::b}) {
    const auto entry = slots::entry_of(slot, *names);
    const bool here = running && running->slot == slot;
    const auto version = box.record().versions.find(slot);
    json["slots"].push_back({{"slot", std::string(1, slots::letter(slot))},
                             {"version", here                                     ? box.running_version()
                                         : version != box.record().versions.end() ? version->second
                                                                                  : ""},
                             {"condition", slots::condition(entry)},
                             {"number", entry ? entry->number : 0},
                             {"running", here}});
  }
  return json;
}

Json progress_json(const Progress& progress) {
  return {{"state", std::string(slots::text(progress.state))},
          {"done", progress.done},
          {"total", progress.total}};
}

Json manifest_json(const Manifest& manifest) {
  Json json{{"version", manifest.version},
            {"boards", manifest.boards},
            {"floor", manifest.floor},
            {"downgrade", manifest.downgrade},
            {"notes", manifest.notes}};
  for (std::size_t i = 0; i < kImages; ++i)
    json[std::string(kImageNames[i]) + "_bytes"] = manifest.images[i].size;
  if (manifest.base) json["difference_to"] = manifest.base->version;
  return json;
}

void write_json(const std::filesystem::path& file, const Json& json) {
  const auto temporary = file.string() + ".tmp";
  std::ofstream(temporary) << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  std::error_code ignored;
  std::filesystem::rename(temporary, file, ignored);
}

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  auto json = Json::parse(file, nullptr, false);
  return json.is_discarded() ? Json() : json;
}

}  // namespace postern::control::update
