// `postern keys look`: whether the records of the keys that sign mail are in the DNS, told to the keystore,
// which moves a key on by that.
#include <algorithm>
#include <cstdio>

#include "firmware/control/cli/check/lookup_options.hpp"
#include "firmware/control/cli/keys.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

// The value of p= without blanks: what makes a record this key's. RFC 6376 §3.6.1.
std::string public_part(const std::string& record) {
  for (const auto part : ipc::split_list(record, ';')) {
    std::string text(part);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    if (text.starts_with("p=")) return text.substr(2);
  }
  return {};
}

enum class Found { yes, no, cannot_tell };

Found look(resolver::Lookups& lookups, const Json& entry) {
  const auto wanted = public_part(entry.value("record", ""));
  const auto found = lookups.answer(entry.value("record_name", ""), resolver::Type::txt).answer;
  if (!found.known() || wanted.empty()) return Found::cannot_tell;
  const bool there = std::any_of(found.texts.begin(), found.texts.end(),
                                 [&](const auto& text) { return public_part(text) == wanted; });
  return there ? Found::yes : Found::no;
}

}  // namespace

int keys_look(const Invocation& invocation) {
  const auto options = lookup_options(invocation);
  if (!options) return complain(options.error().reason, kUsage);
  const auto reply = ask(invocation, {{"command", "keys.list"}, {"kind", "dkim"}});
  if (reply.status != kDone) return reply.status;
  auto lookups = resolver::Lookups::create(*options);
  if (!lookups) return complain(lookups.error().reason, kFailed);
  int status = kDone;
  Json all = Json::array();
  for (const auto& entry : reply.json["entries"]) {
    const auto name = entry.value("name", "");
    if (entry.value("state", "") == "removed") continue;
    if (invocation.words.size() > 1 && invocation.words[1] != name) continue;
    const auto found = look(**lookups, entry);
    Json told{
        {"name", name}, {"record_name", entry["record_name"]}, {"seen", nullptr}, {"state", entry["state"]}};
    if (found != Found::cannot_tell) {
      told["seen"] = found == Found::yes;
      const auto after =
          ask(invocation, {{"command", "keys.seen"}, {"name", name}, {"seen", found == Found::yes}});
      if (after.status != kDone) return after.status;
      told["state"] = after.json["entry"]["state"];
    } else {
      status = kFailed;
    }
    if (!invocation.json)
      std::printf("%-24s %-44s %s; %s\n", name.c_str(), told["record_name"].get<std::string>().c_str(),
                  found == Found::yes  ? "is there"
                  : found == Found::no ? "is not there"
                                       : "cannot be told",
                  told["state"].get<std::string>().c_str());
    all.push_back(std::move(told));
  }
  return invocation.json ? (print(all), status) : status;
}

}  // namespace postern::control::cli
