// `postern settings`: what can be set; whether a file is right. What speaks to the store is beside this.
#include <unistd.h>

#include <cstdio>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/settings_store.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/settings/secrets.hpp"
#include "firmware/control/settings/settings_file.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

using ipc::Setting;

std::string default_text(const Setting& setting) {
  if (setting.fallback.empty()) return setting.list ? "(empty)" : "(none)";
  return std::string(setting.fallback);
}

std::string shown_value(const Setting& setting, const std::string& value) {
  if (!setting.list) return value;
  std::vector<std::string> elements;
  for (const auto element : ipc::split_list(value)) elements.emplace_back(element);
  if (elements.size() > 3) return std::to_string(elements.size()) + " elements";
  return ipc::join_list(elements, ", ");
}

bool fits(const Setting& setting, const std::string& name) {
  const auto* row = ipc::find_setting(name);
  return row != nullptr && row->name == setting.name;
}

Json setting_json(const Setting& setting, const Json& values) {
  Json json{{"name", setting.name},
            {"type", ipc::type_name(setting.type)},
            {"list", setting.list},
            {"default", setting.fallback},
            {"fits", ipc::what_fits(setting)},
            {"unit", setting.unit},
            {"takes", setting.takes == ipc::Takes::live ? "live" : "restart"},
            {"help", setting.help},
            {"who", ipc::who_word(setting.who)},
            {"secret", setting.secret},
            {"group", ipc::group_of(setting.name)},
            {"values", Json::object()}};
  for (const auto& [name, value] : values.items()) {
    if (fits(setting, name)) json["values"][name] = value;
  }
  return json;
}

// What is in force, where control can be asked; nothing otherwise, and nobody is bothered about that.
Json values_in_force(const Invocation& invocation) {
  if (::access((invocation.run_directory + "/control.sock").c_str(), F_OK) != 0) return Json::object();
  const auto reply = ask(invocation, {{"command", "settings"}});
  return reply.status == kDone ? reply.json.value("values", Json::object()) : Json::object();
}

std::vector<const Setting*> chosen(const Invocation& invocation) {
  std::vector<const Setting*> rows;
  const auto front = invocation.words.empty() ? std::string() : invocation.words[0];
  for (const auto& setting : ipc::settings_schema()) {
    if (setting.name.starts_with(front) || &setting == ipc::find_setting(front)) rows.push_back(&setting);
  }
  return rows;
}

int show_one(const Setting& setting, const Json& values, const Invocation& invocation) {
  std::printf("%s\n\n  %s\n\n", paint(setting.name, Colour::bold, invocation.colour).c_str(),
              std::string(setting.help).c_str());
  std::printf("  it is      %s\n", ipc::what_fits(setting).c_str());
  if (!setting.unit.empty()) std::printf("  counted in %s\n", std::string(setting.unit).c_str());
  std::printf("  default    %s\n", default_text(setting).c_str());
  for (const auto& [name, value] : values.items()) {
    if (fits(setting, name))
      std::printf("  set        %s = %s\n", name.c_str(), printable(shown_value(setting, value)).c_str());
  }
  std::printf("  changed by %s\n",
              setting.who == ipc::Who::owner ? "an owner only" : "an operator or an owner");
  if (setting.secret) std::printf("  a secret:  it is never shown\n");
  std::printf("  a change   %s\n", setting.takes == ipc::Takes::live
                                       ? "takes effect at once, on all cores"
                                       : "takes effect when the data plane starts again (postern restart)");
  return kDone;
}

// Where control can be asked: which generation every core runs, and what waits.
void show_state(const Invocation& invocation) {
  if (::access((invocation.run_directory + "/control.sock").c_str(), F_OK) != 0) return;
  const auto reply = ask(invocation, {{"command", "settings.state"}});
  if (reply.status == kDone) std::printf("%s\n", state_text(reply.json, invocation.colour).c_str());
}

int show_all(const Invocation& invocation) {
  const auto rows = chosen(invocation);
  if (rows.empty()) {
    const auto near = ipc::nearest_setting(invocation.words[0]);
    return complain("there is no setting '" + invocation.words[0] + "'" +
                        (near.empty() ? "; 'postern settings' lists all" : "; did you mean " + near + "?"),
                    kUsage);
  }
  const auto values = values_in_force(invocation);
  if (invocation.json) {
    Json all = Json::array();
    for (const auto* setting : rows) all.push_back(setting_json(*setting, values));
    return print(all);
  }
  if (rows.size() == 1) return show_one(*rows[0], values, invocation);
  show_state(invocation);
  Table table({{"SETTING"}, {"VALUE", Table::Align::left, 34}, {"", Table::Align::left}, {"MEANING"}});
  for (const auto* setting : rows) {
    bool set = false;
    for (const auto& [name, value] : values.items()) {
      if (!fits(*setting, name)) continue;
      table.add({name, shown_value(*setting, value), "set", std::string(setting->help)}, Colour::green);
      set = true;
    }
    if (!set) table.add({std::string(setting->name), default_text(*setting), "", std::string(setting->help)});
  }
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  if (invocation.terminal) std::printf("\n'postern settings NAME' tells everything about one.\n");
  return kDone;
}

int check(const Invocation& invocation) {
  if (invocation.words.size() != 2) return complain("which file? postern settings check FILE", kUsage);
  const auto& file = invocation.words[1];
  auto loaded = load_settings(file);
  auto secrets = load_secrets(loaded.values);
  secrets.credentials.wipe();
  for (auto& fault : secrets.faults) loaded.faults.push_back(std::move(fault));
  const bool usable = loaded.usable();
  if (invocation.json) {
    Json faults = Json::array();
    for (const auto& fault : loaded.faults) {
      faults.push_back({{"name", fault.name},
                        {"line", fault.line},
                        {"wrong", fault.wrong},
                        {"right", fault.right},
                        {"fatal", fault.fatal}});
    }
    print({{"file", file}, {"usable", usable}, {"faults", faults}});
    return usable ? kDone : kFailed;
  }
  std::size_t wrong = 0;
  for (const auto& fault : loaded.faults) {
    wrong += fault.fatal ? 1 : 0;
    const auto word = fault.fatal ? paint("wrong   ", Colour::red, invocation.colour)
                                  : paint("warning ", Colour::yellow, invocation.colour);
    std::printf("%s %s\n", word.c_str(), printable(text_of(fault, file)).c_str());
  }
  if (usable) {
    std::printf("%s: right, %zu settings\n", file.c_str(), loaded.values.size());
  } else {
    std::printf("%s: %zu %s wrong; postern-control would not take it\n", file.c_str(), wrong,
                wrong == 1 ? "thing is" : "things are");
  }
  return usable ? kDone : kFailed;
}

}  // namespace

int settings_command(const Invocation& invocation) {
  if (const auto done = settings_store_command(invocation)) return *done;
  if (!invocation.words.empty() && invocation.words[0] == "check") return check(invocation);
  if (invocation.words.size() > 1)
    return complain("one name or the beginning of names, please; see 'postern settings --help'", kUsage);
  return show_all(invocation);
}

}  // namespace postern::control::cli
