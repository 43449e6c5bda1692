// The words of `postern settings` that speak to the store: see the header.
#include "firmware/control/cli/settings_store.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "firmware/control/cli/passphrase.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

using Words = std::vector<std::string>;

constexpr int kSealPatience = 60;  // seconds: a passphrase costs work, which a busy box does slowly

std::string one_line(const Json& value) {
  if (!value.is_string()) return "(default)";
  std::vector<std::string> elements;
  for (const auto element : ipc::split_list(value.get_ref<const std::string&>()))
    elements.emplace_back(element);
  return printable(ipc::join_list(elements, ", "));
}

void print_changes(const Json& changes, bool colour) {
  for (const auto& change : changes) {
    const auto name = change.value("name", "");
    if (!change["before"].is_null())
      std::printf("%s\n",
                  paint("- " + name + " = " + one_line(change["before"]), Colour::red, colour).c_str());
    if (!change["after"].is_null())
      std::printf("%s\n",
                  paint("+ " + name + " = " + one_line(change["after"]), Colour::green, colour).c_str());
  }
  if (changes.empty()) std::printf("nothing differs\n");
}

// Asks, and prints the answer as JSON where that is wanted; `tell` for people.
template <typename Tell>
int ask_and(const Invocation& invocation, const Json& question, Tell tell) {
  const auto reply = ask(invocation, question, kSealPatience);
  if (invocation.json && !reply.json.is_null()) print(reply.json);
  if (reply.status != kDone || invocation.json) return reply.status;
  return tell(reply.json);
}

int changed(const Invocation& invocation, const Json& question) {
  return ask_and(invocation, question, [](const Json& answer) {
    std::printf(
        "the candidate has %zu change(s); 'postern settings compare' shows, 'commit' puts them in force\n",
        answer.value("changes", std::size_t{0}));
    return kDone;
  });
}

Json generation_word(const std::string& word) {
  const auto number = ipc::read_integer(word);
  return number ? Json(*number) : Json(word);
}

int show(const Invocation& invocation, const Words& words) {
  const auto of = words.size() > 1 ? words[1] : "running";
  return ask_and(invocation, {{"command", "settings.show"}, {"of", generation_word(of)}},
                 [](const Json& answer) {
                   for (const auto& [name, value] : answer["values"].items())
                     std::printf("%s = %s\n", name.c_str(), one_line(value).c_str());
                   return kDone;
                 });
}

int set(const Invocation& invocation, const Words& words) {
  if (words.size() < 3) return complain("which, and to what? postern settings set NAME VALUE...", kUsage);
  const Json values(Words(words.begin() + 2, words.end()));
  return changed(invocation, {{"command", "settings.set"}, {"name", words[1]}, {"value", values}});
}

int erase(const Invocation& invocation, const Words& words) {
  if (words.size() != 2) return complain("which? postern settings delete NAME", kUsage);
  return changed(invocation, {{"command", "settings.delete"}, {"name", words[1]}});
}

int compare(const Invocation& invocation, const Words& words) {
  Json question{{"command", "settings.compare"}};
  if (words.size() > 1) question["from"] = generation_word(words[1]);
  if (words.size() > 2) question["to"] = generation_word(words[2]);
  return ask_and(invocation, question, [&](const Json& answer) {
    print_changes(answer["changes"], invocation.colour);
    return kDone;
  });
}

int check(const Invocation& invocation, const Words&) {
  return ask_and(invocation, {{"command", "settings.check"}}, [&](const Json& answer) {
    for (const auto& fault : answer["faults"])
      std::printf("%s %s\n", paint("wrong   ", Colour::red, invocation.colour).c_str(),
                  printable(fault.value("text", "")).c_str());
    for (const auto& warning : answer["warnings"])
      std::printf("%s %s\n", paint("warning ", Colour::yellow, invocation.colour).c_str(),
                  printable(warning.get<std::string>()).c_str());
    for (const auto& name : answer["restart"])
      std::printf("%s takes effect with 'postern restart'\n", name.get<std::string>().c_str());
    if (answer["faults"].empty()) std::printf("the candidate is right\n");
    return answer["faults"].empty() ? kDone : kFailed;
  });
}

int commit(const Invocation& invocation, const Words& words) {
  Json question{{"command", "settings.commit"}};
  if (const auto given = invocation.given.find("-m"); given != invocation.given.end())
    question["comment"] = given->second;
  if (words.size() > 1) {
    const auto minutes = words.size() > 2 ? ipc::read_integer(words[2]) : std::optional<std::uint64_t>(10);
    if (words[1] != "confirmed" || words.size() > 3 || !minutes || *minutes == 0)
      return complain("postern settings commit [confirmed [MINUTES]] [-m COMMENT]", kUsage);
    question["confirm_minutes"] = *minutes;
  }
  return ask_and(invocation, question, [](const Json& answer) {
    std::printf("generation %s is in force\n", answer["generation"].dump().c_str());
    if (answer.contains("confirm_until"))
      std::printf("it goes back at %s unless you say 'postern settings confirm'\n",
                  answer.value("confirm_until", "").c_str());
    for (const auto& name : answer["waiting_for_restart"])
      std::printf("%s takes effect with 'postern restart'\n", name.get<std::string>().c_str());
    return kDone;
  });
}

int confirm(const Invocation& invocation, const Words&) {
  return ask_and(invocation, {{"command", "settings.confirm"}}, [](const Json& answer) {
    std::printf("generation %s stays\n", answer["generation"].dump().c_str());
    return kDone;
  });
}

int rollback(const Invocation& invocation, const Words& words) {
  const auto number = words.size() == 2 ? ipc::read_integer(words[1]) : std::nullopt;
  if (!number) return complain("to which? postern settings rollback NUMBER; 'history' lists them", kUsage);
  return changed(invocation, {{"command", "settings.rollback"}, {"generation", *number}});
}

int history(const Invocation& invocation, const Words&) {
  const auto given = invocation.given.find("-n");
  const auto most =
      given == invocation.given.end() ? std::optional<std::uint64_t>(20) : ipc::read_integer(given->second);
  if (!most) return complain("-n needs a whole number", kUsage);
  return ask_and(invocation, {{"command", "settings.history"}, {"most", *most}}, [&](const Json& answer) {
    Table table({{"NUMBER", Table::Align::right},
                 {"TIME"},
                 {"WHO", Table::Align::left, 20},
                 {"BY"},
                 {"CHANGES", Table::Align::right},
                 {""},
                 {"COMMENT"}});
    for (const auto& one : answer["generations"]) {
      table.add({one["generation"].dump(), one.value("time", ""), printable(one.value("author", "")),
                 one.value("source", ""), one["changes"].dump(),
                 one.value("confirmed", true) ? "" : "not confirmed", printable(one.value("comment", ""))});
    }
    std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
    return kDone;
  });
}

int state(const Invocation& invocation, const Words&) {
  return ask_and(invocation, {{"command", "settings.state"}}, [&](const Json& answer) {
    std::fputs(state_text(answer, invocation.colour).c_str(), stdout);
    return kDone;
  });
}

int discard(const Invocation& invocation, const Words&) {
  return changed(invocation, {{"command", "settings.discard"}});
}

int lock(const Invocation& invocation, const Words& words) {
  const bool on = words[0] == "lock";
  return ask_and(invocation, {{"command", "settings.lock"}, {"on", on}}, [&](const Json&) {
    std::printf(on ? "nobody else can change settings until 'postern settings unlock'\n"
                   : "everybody can change settings again\n");
    return kDone;
  });
}

int rescue(const Invocation& invocation, const Words& words) {
  if (words.size() != 2) return complain("postern settings rescue save|load", kUsage);
  const Json question{{"command", "settings.rescue"}, {"do", words[1]}};
  if (words[1] != "save") return changed(invocation, question);
  return ask_and(invocation, question, [](const Json& answer) {
    std::printf("generation %s is the rescue configuration\n", answer["generation"].dump().c_str());
    return kDone;
  });
}

int factory_reset(const Invocation& invocation, const Words&) {
  const bool sure = invocation.given.count("--sure") != 0;
  return ask_and(invocation, {{"command", "settings.factory_reset"}, {"sure", sure}}, [](const Json& answer) {
    std::printf("generation %s: every setting has its default\n", answer["generation"].dump().c_str());
    return kDone;
  });
}

int export_file(const Invocation& invocation, const Words& words) {
  if (words.size() != 2) return complain("into which file? postern settings export FILE [--secrets]", kUsage);
  const auto passphrase = read_passphrase(true);
  if (passphrase.empty()) return complain("there is no passphrase, or the two differ", kUsage);
  const auto reply = ask(invocation,
                         {{"command", "settings.export"},
                          {"passphrase", passphrase},
                          {"secrets", invocation.given.count("--secrets") != 0}},
                         kSealPatience);
  if (reply.status != kDone) return reply.status;
  if (!write_new_file(words[1], reply.json.value("file", "")))
    return complain("cannot write " + words[1] + "; it must not exist yet", kFailed);
  if (invocation.json) return print({{"file", words[1]}, {"generation", reply.json["generation"]}});
  std::printf("%s holds generation %s\n", words[1].c_str(), reply.json["generation"].dump().c_str());
  return kDone;
}

int import_file(const Invocation& invocation, const Words& words) {
  if (words.size() != 2) return complain("which file? postern settings import FILE", kUsage);
  const auto content = read_small_file(words[1]);
  if (!content) return complain("cannot read " + words[1], kFailed);
  const Json question{
      {"command", "settings.import"}, {"passphrase", read_passphrase(false)}, {"file", *content}};
  return ask_and(invocation, question, [&](const Json& answer) {
    std::printf("of %s, %s; a commit would change:\n", printable(answer.value("host_name", "")).c_str(),
                answer.value("time", "").c_str());
    print_changes(answer["changes"], invocation.colour);
    for (const auto& line : answer["left_out"])
      std::printf("%s\n", printable(line.get<std::string>()).c_str());
    return kDone;
  });
}

struct Verb {
  std::string_view word;
  int (*run)(const Invocation& invocation, const Words& words);
};

constexpr auto kVerbs = std::to_array<Verb>({
    {"show", show},
    {"set", set},
    {"delete", erase},
    {"compare", compare},
    {"check", check},
    {"commit", commit},
    {"confirm", confirm},
    {"rollback", rollback},
    {"history", history},
    {"state", state},
    {"discard", discard},
    {"lock", lock},
    {"unlock", lock},
    {"rescue", rescue},
    {"factory-reset", factory_reset},
    {"export", export_file},
    {"import", import_file},
});

}  // namespace

std::string state_text(const Json& state, bool colour) {
  const auto running = state.value("running", std::uint64_t{0});
  const auto& cores = state["applied"]["cores"];
  const auto at = std::count(cores.begin(), cores.end(), Json(running));
  std::string text = "generation " + std::to_string(running) + " is in force, on " + std::to_string(at) +
                     " of " + std::to_string(cores.size()) + (cores.size() == 1 ? " core\n" : " cores\n");
  for (std::size_t i = 0; i < cores.size(); ++i) {
    if (cores[i] != Json(running))
      text += "core " + std::to_string(i) + " runs " +
              (cores[i] == Json(0u) ? std::string("an earlier one") : "generation " + cores[i].dump()) + "\n";
  }
  if (!state["confirm"].is_null()) {
    text += paint("it goes back to generation " + state["confirm"]["back_to"].dump() + " in " +
                      since(state["confirm"].value("seconds", std::uint64_t{0})) +
                      " unless confirmed: postern settings confirm\n",
                  Colour::yellow, colour);
  }
  if (const auto changes = state.value("candidate_changes", std::size_t{0}); changes != 0)
    text += "your candidate has " + std::to_string(changes) + (changes == 1 ? " change\n" : " changes\n");
  if (!state["locked_by"].is_null()) text += "locked by " + printable(state.value("locked_by", "")) + "\n";
  for (const auto& name : state["waiting_for_restart"])
    text += name.get<std::string>() + " waits for 'postern restart'\n";
  if (const auto refused = state.value("refused", ""); !refused.empty())
    text += paint("the data plane does not take it: " + printable(refused) + "\n", Colour::red, colour);
  for (const auto& one : state["announcements"])
    text +=
        paint(one.value("time", "") + " " + printable(one.value("text", "")) + "\n", Colour::yellow, colour);
  return text;
}

std::optional<int> settings_store_command(const Invocation& invocation) {
  const auto& words = invocation.words;
  if (words.empty() || (words[0] == "check" && words.size() > 1)) return std::nullopt;  // a file's check
  for (const auto& verb : kVerbs) {
    if (verb.word == words[0]) return verb.run(invocation, words);
  }
  return std::nullopt;
}

}  // namespace postern::control::cli
