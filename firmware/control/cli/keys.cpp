// `postern keys`: the keystore at the command line.
#include "firmware/control/cli/keys.hpp"

#include <sodium.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "firmware/control/cli/passphrase.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

// Making a large key takes seconds.
constexpr int kPatienceSeconds = 70;

std::string option(const Invocation& invocation, const char* name) {
  const auto found = invocation.given.find(name);
  return found == invocation.given.end() ? std::string() : found->second;
}

bool flag(const Invocation& invocation, const char* name) {
  return invocation.given.count(name) != 0;
}

Json question(const Invocation& invocation, const char* verb) {
  Json asked{{"command", std::string("keys.") + verb}};
  if (invocation.words.size() > 1) asked["name"] = invocation.words[1];
  for (const char* name :
       {"--use", "--algorithm", "--domain", "--selector", "--organization", "--to", "--drop"}) {
    if (flag(invocation, name)) asked[name + 2] = option(invocation, name);
  }
  if (flag(invocation, "--names")) {
    auto& names = asked["names"] = Json::array();
    for (const auto one : ipc::split_list(option(invocation, "--names"), ','))
      names.push_back(std::string(one));
  }
  if (flag(invocation, "--sure")) asked["sure"] = true;
  for (const char* name : {"--days", "--bits"}) {
    if (const auto number = ipc::read_integer(option(invocation, name))) asked[name + 2] = *number;
  }
  return asked;
}

std::string line_of(const Json& entry) {
  const auto kind = entry.value("kind", "");
  if (kind == "tls")
    return ipc::join_list(entry.value("names", std::vector<std::string>()), ", ") + "; " +
           std::to_string(entry.value("days_left", 0)) + " days left" +
           (entry.value("self_signed", false) ? "; self-made" : "");
  if (kind == "dkim")
    return entry.value("selector", "") + "._domainkey." + entry.value("domain", "") + "; " +
           entry.value("state", "") + " since " + entry.value("since", "");
  return "";
}

void print_entry(const Json& entry) {
  for (const auto& [name, value] : entry.items()) {
    if (name == "chain" || name == "zone_line" || value.is_null()) continue;
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_array()) text = ipc::join_list(value.get<std::vector<std::string>>(), ", ");
    if (!text.empty()) std::printf("%-14s %s\n", name.c_str(), text.c_str());
  }
  if (entry.contains("zone_line"))
    std::printf("\nPut this into the DNS:\n%s\n", entry["zone_line"].get<std::string>().c_str());
  if (entry.contains("chain")) std::printf("\n%s", entry["chain"].get<std::string>().c_str());
}

int told(const Invocation& invocation, const Json& asked) {
  const auto reply = ask(invocation, asked, kPatienceSeconds);
  if (reply.status != kDone) return reply.status;
  if (invocation.json) return print(reply.json);
  for (const auto& warning : reply.json.value("warnings", Json::array()))
    std::fprintf(stderr, "postern: %s\n", warning.get<std::string>().c_str());
  if (reply.json.contains("entry")) print_entry(reply.json["entry"]);
  if (reply.json.contains("csr")) std::printf("%s", reply.json["csr"].get<std::string>().c_str());
  if (reply.json.contains("deleted")) std::puts("deleted");
  if (reply.json.contains("said")) {
    std::printf("%s: %s\n", reply.json.value("locked", true) ? "locked" : "open",
                reply.json["said"].get<std::string>().c_str());
    for (const auto& slot : reply.json["slots"])
      std::printf("  opens it: %-10s since %s\n", slot.value("kind", "").c_str(),
                  slot.value("since", "").c_str());
    for (const auto& one : reply.json.value("troubles", Json::array()))
      std::printf("  cannot be read: %s\n", one.get<std::string>().c_str());
  }
  return kDone;
}

int list(const Invocation& invocation) {
  const auto reply = ask(invocation, {{"command", "keys.list"}}, kPatienceSeconds);
  if (reply.status != kDone) return reply.status;
  if (invocation.json) return print(reply.json);
  Table table({{"NAME"}, {"KIND"}, {"USE"}, {"ALGORITHM"}, {"WHAT"}});
  for (const auto& entry : reply.json["entries"])
    table.add({entry.value("name", ""), entry.value("kind", ""), entry.value("use", ""),
               entry.value("algorithm", ""), line_of(entry)});
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  return kDone;
}

int state(const Invocation& invocation) {
  return told(invocation, {{"command", "keys.state"}});
}

int simple(const Invocation& invocation) {
  if (invocation.words.size() != 2) return complain("this needs the NAME of an entry; see --help", kUsage);
  return told(invocation, question(invocation, invocation.words[0].c_str()));
}

int make(const Invocation& invocation) {
  if (invocation.words.size() != 2) return complain("make needs a NAME; see --help", kUsage);
  auto asked = question(invocation, "make");
  asked["kind"] = flag(invocation, "--secret") ? "secret" : flag(invocation, "--domain") ? "dkim" : "tls";
  if (flag(invocation, "--secret")) asked["text"] = read_passphrase(false);
  return told(invocation, asked);
}

int upload(const Invocation& invocation) {
  const auto& words = invocation.words;
  if (words.size() != 3 && words.size() != 4)
    return complain("upload needs NAME CHAIN-FILE [KEY-FILE]; see --help", kUsage);
  auto asked = question(invocation, "upload");
  constexpr std::array kFields{"chain", "key"};
  for (std::size_t i = 2; i < words.size(); ++i) {
    std::ifstream file(words[i], std::ios::binary);
    if (!file) return complain("cannot read " + words[i], kFailed);
    asked[kFields[i - 2]] = std::string{std::istreambuf_iterator<char>(file), {}};
  }
  return told(invocation, asked);
}

int seen(const Invocation& invocation) {
  const auto& words = invocation.words;
  if (words.size() != 3 || (words[2] != "yes" && words[2] != "no"))
    return complain("seen needs NAME yes|no; see --help", kUsage);
  auto asked = question(invocation, "seen");
  asked["seen"] = words[2] == "yes";
  return told(invocation, asked);
}

int unlock(const Invocation& invocation) {
  return told(invocation, {{"command", "keys.unlock"}, {"passphrase", read_passphrase(false)}});
}

int protect(const Invocation& invocation) {
  auto asked = question(invocation, "protect");
  asked.erase("name");
  if (invocation.words.size() > 1) asked["by"] = invocation.words[1];
  if (asked.value("by", "") == "passphrase") asked["passphrase"] = read_passphrase(true);
  return told(invocation, asked);
}

struct Word {
  std::string_view word;
  int (*run)(const Invocation& invocation);
};

constexpr auto kWords = std::to_array<Word>({
    {"list", list},
    {"state", state},
    {"show", simple},
    {"make", make},
    {"csr", simple},
    {"upload", upload},
    {"selfsigned", simple},
    {"rotate", simple},
    {"look", keys_look},
    {"seen", seen},
    {"delete", simple},
    {"unlock", unlock},
    {"protect", protect},
});

}  // namespace

int keys_command(const Invocation& invocation) {
  if (invocation.words.empty()) return list(invocation);
  for (const auto& one : kWords) {
    if (one.word == invocation.words[0]) return one.run(invocation);
  }
  return complain("there is no 'keys " + invocation.words[0] + "'; see 'postern keys --help'", kUsage);
}

}  // namespace postern::control::cli
