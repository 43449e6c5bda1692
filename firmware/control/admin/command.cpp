// `postern admin`: what root can do for people who cannot get in any more, at the console. It opens the same
// files as the admin process; every change is in the audit log.
#include "firmware/control/cli/invocation.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "firmware/control/admin/audit/audit.hpp"
#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "firmware/control/admin/setup/first_code.hpp"
#include "firmware/control/cli/table.hpp"
#include "platform/clock/clock.hpp"
#include "platform/password/password.hpp"

namespace postern::control::cli {

namespace {

using admin::People;

std::string directory_of(const Invocation& invocation) {
  if (const auto given = invocation.given.find("--directory"); given != invocation.given.end())
    return given->second;
  if (::access((invocation.run_directory + "/control.sock").c_str(), F_OK) == 0) {
    const auto reply = ask(invocation, {{"command", "settings.show"}, {"of", "running"}});
    if (reply.status == kDone) {
      const auto values = reply.json.value("values", Json::object());
      if (const auto set = values.value("admin.directory", ""); !set.empty()) return set;
    }
  }
  return "/var/lib/postern/admin";
}

// What root makes in the directory belongs to the directory's owner.
void give_to_owner(const std::string& directory) {
  struct stat facts {};
  if (::stat(directory.c_str(), &facts) != 0) return;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    [[maybe_unused]] const int ignored = ::lchown(entry.path().c_str(), facts.st_uid, facts.st_gid);
}

void write_audit(const std::string& directory, const std::string& action, const std::string& subject) {
  auto audit = admin::Audit::open(admin::audit_path(directory));
  if (!audit) return;
  const auto now = static_cast<std::uint64_t>(clock::kernel_wall().time_since_epoch().count());
  audit->write({"root", "console", "cli", action, subject, "done", ""}, now);
}

int first_code(const Invocation& invocation, const std::string& directory) {
  const auto code = admin::read_first_code(directory);
  if (code.empty())
    return complain("there is no first-boot code: the box is set up, or admin.address is not set", kFailed);
  if (invocation.json) return print({{"code", code}});
  std::printf("%s\n", code.c_str());
  return kDone;
}

int users(const Invocation& invocation, const std::string& directory) {
  People people(admin::people_path(directory));
  Json list = Json::array();
  Table table({{"NAME"}, {"ROLE"}, {"DEVICES", Table::Align::right}, {"CODES", Table::Align::right}});
  for (const auto& user : people.users()) {
    list.push_back({{"name", user.name},
                    {"role", user.role},
                    {"devices", user.devices},
                    {"recovery_codes", user.recovery_codes}});
    table.add({user.name, user.role, std::to_string(user.devices), std::to_string(user.recovery_codes)});
  }
  give_to_owner(directory);
  if (invocation.json) return print(list);
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  return kDone;
}

int reset(const Invocation& invocation, const std::string& directory) {
  if (invocation.words.size() != 2)
    return complain("whose password? postern admin reset-password USER", kUsage);
  const auto& name = invocation.words[1];
  People people(admin::people_path(directory));
  const auto password = admin::make_words(4);
  const auto hash = password::hash(password);
  if (!hash) return complain(std::string(hash.error().reason), kFailed);
  if (!people.set_password(name, *hash, true)) return complain("there is nobody called " + name, kFailed);
  const bool factor = invocation.given.count("--second-factor") != 0;
  if (factor) people.forget_second_factor(name);
  write_audit(directory, factor ? "resetPasswordAndSecondFactor" : "resetPassword", name);
  give_to_owner(directory);
  if (invocation.json)
    return print({{"user", name}, {"password", password}, {"second_factor_reset", factor}});
  std::printf("%s\n", password.c_str());
  return kDone;
}

int verify(const Invocation& invocation, const std::string& directory) {
  const auto audit = admin::Audit::open(admin::audit_path(directory));
  if (!audit) return complain(audit.error().reason, kFailed);
  const auto verdict = audit->verify();
  if (invocation.json)
    print({{"good", verdict.good}, {"lines", verdict.lines}, {"text", verdict.text}, {"head", verdict.head}});
  else
    std::printf("%s: %s\n", verdict.good ? "good" : "BROKEN", verdict.text.c_str());
  return verdict.good ? kDone : kFailed;
}

}  // namespace

int admin_command(const Invocation& invocation) {
  const auto what = invocation.words.empty() ? std::string() : invocation.words[0];
  const auto directory = directory_of(invocation);
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored))
    return complain(directory + " is not there: the web administration never ran; is admin.address set?",
                    kFailed);
  if (what == "first-code") return first_code(invocation, directory);
  if (what == "users") return users(invocation, directory);
  if (what == "reset-password") return reset(invocation, directory);
  if (what == "verify-audit") return verify(invocation, directory);
  return complain(
      "there is no 'admin " + what + "'; there are: first-code, users, reset-password USER, verify-audit",
      kUsage);
}

}  // namespace postern::control::cli
