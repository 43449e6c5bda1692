// `postern counters`, and the commands that only pass a word on.
#include <cstdio>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"

namespace postern::control::cli {

namespace {

std::string rooms_of(const Json& counters) {
  std::string rooms;
  for (const auto& [room, values] : counters.items()) rooms += (rooms.empty() ? "" : ", ") + room;
  return rooms;
}

// Without -a only what happened at all.
Table counter_table(const Json& values, bool all) {
  Table table({{"COUNTER"}, {"TOTAL", Table::Align::right}, {"MEANING"}});
  for (const auto& [name, value] : values.items()) {
    const auto total = value.value("total", std::uint64_t{0});
    if (total != 0 || all) table.add({name, with_separators(total), value.value("meaning", "")});
  }
  return table;
}

int pass_on(const Invocation& invocation, std::string_view command, std::string_view done) {
  const auto reply = ask(invocation, {{"command", command}});
  if (reply.status != kDone) return reply.status;
  if (invocation.json) return print(reply.json);
  std::printf("%.*s\n", static_cast<int>(done.size()), done.data());
  return kDone;
}

}  // namespace

int counters_command(const Invocation& invocation) {
  auto reply = ask(invocation, {{"command", "counters"}});
  if (reply.status != kDone) return reply.status;
  Json chosen = reply.json["counters"];
  if (!invocation.words.empty()) {
    const auto& room = invocation.words[0];
    if (!chosen.contains(room)) {
      return complain(chosen.empty() ? "there are no counters: the data plane has not been there yet"
                                     : "there is no room '" + room + "'; there are: " + rooms_of(chosen),
                      kUsage);
    }
    chosen = Json{{room, chosen[room]}};
  }
  if (invocation.json) return print(chosen);
  const bool all = invocation.given.count("-a") != 0;
  for (const auto& [room, values] : chosen.items()) {
    const auto table = counter_table(values, all);
    std::printf("%s\n", paint(room, Colour::bold, invocation.colour).c_str());
    std::fputs(table.empty() ? "  nothing happened yet (-a shows all)\n"
                             : table.text(invocation.cut(), false).c_str(),
               stdout);
    std::printf("\n");
  }
  return kDone;
}

int reload_command(const Invocation& invocation) {
  const auto reply = ask(invocation, {{"command", "reload"}});
  if (invocation.json && !reply.json.is_null()) print(reply.json);
  if (reply.status != kDone || invocation.json) return reply.status;
  std::printf("read; generation %llu goes to all cores\n",
              static_cast<unsigned long long>(reply.json.value("generation", 0ull)));
  for (const auto& warning : reply.json.value("warnings", Json::array()))
    complain(warning.get<std::string>(), kDone);
  const auto waiting = reply.json.value("waiting_for_restart", Json::array());
  for (const auto& name : waiting)
    complain(name.get<std::string>() + " takes effect with 'postern restart'", kDone);
  return kDone;
}

int restart_command(const Invocation& invocation) {
  return pass_on(invocation, "restart",
                 "the data plane finishes its sessions and starts again; see: postern status");
}

int version_command(const Invocation& invocation) {
  if (invocation.json) return print({{"version", POSTERN_VERSION}});
  std::printf("postern %s\n", POSTERN_VERSION);
  return kDone;
}

}  // namespace postern::control::cli
