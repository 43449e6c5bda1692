// The people of the web administration at the console: see accounts.hpp.
#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <filesystem>

#include "firmware/control/admin/audit/audit.hpp"
#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/setup/first_code.hpp"
#include "firmware/control/console/accounts.hpp"
#include "platform/clock/clock.hpp"
#include "platform/password/password.hpp"

namespace postern::control::console {

namespace {

std::uint64_t wall_ns() {
  return static_cast<std::uint64_t>(clock::kernel_wall().time_since_epoch().count());
}

// What root makes in the directory belongs to the directory's owner.
void give_to_owner(const std::string& directory) {
  struct stat facts {};
  std::error_code failed;
  if (::stat(directory.c_str(), &facts) != 0) return;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    [[maybe_unused]] const int ignored = ::lchown(entry.path().c_str(), facts.st_uid, facts.st_gid);
}

}  // namespace

bool AdminAccounts::any() const {
  if (::access(admin::people_path(directory_).c_str(), F_OK) != 0) return false;
  const bool owner = admin::People(admin::people_path(directory_)).any_owner();
  give_to_owner(directory_);
  return owner;
}

Json AdminAccounts::answer(const Json& question) {
  const auto what = question.value("do", "");
  Json answer = Json::object();
  if (what == "state") answer["passwords"] = true;
  if (what == "setup") answer["claimed"] = true;
  if (what == "claim") answer["ok"] = false;
  if (what == "login") answer = login(question);
  if (what == "set_password") answer = set_password(question);
  if (what == "came") note("login", question.value("name", ""), "done");
  give_to_owner(directory_);
  return answer;
}

Json AdminAccounts::login(const Json& question) const {
  admin::People people(admin::people_path(directory_));
  const auto name = question.value("name", "");
  const auto hash = people.password_hash(name);
  const auto user = people.user(name);
  if (!password::matches(hash.empty() ? kNobody : hash.c_str(), question.value("password", "")) || !user) {
    note("login", name, "refused");
    return {{"ok", false}};
  }
  people.note_login(name, "console", static_cast<std::int64_t>(wall_ns() / 1'000'000'000));
  return {{"ok", true}, {"role", user->role}};
}

Json AdminAccounts::set_password(const Json& question) const {
  admin::People people(admin::people_path(directory_));
  const auto name = question.value("name", "");
  const auto hash = password::hash(question.value("password", ""));
  if (!hash) return {{"error", std::string(hash.error().reason)}};
  if (!people.set_password(name, *hash, false)) return {{"error", "there is nobody of that name"}};
  const bool factor = question.value("second_factor", false);
  if (factor) people.forget_second_factor(name);
  note(factor ? "resetPasswordAndSecondFactor" : "setPassword", name, "done");
  return {{"done", true}};
}

void AdminAccounts::note(const std::string& action, const std::string& subject,
                         const std::string& result) const {
  auto audit = admin::Audit::open(admin::audit_path(directory_));
  if (audit) audit->write({subject, "console", "console", action, subject, result, ""}, wall_ns());
}

std::string answer_account(const std::string& admin_directory, const std::string& file,
                           const std::string& question) {
  try {
    const auto asked = Json::parse(question);
    AdminAccounts people(admin_directory);
    if (people.any()) return people.answer(asked).dump();
    return FileAccounts(file, admin::first_code_path(admin_directory)).answer(asked).dump();
  } catch (const std::exception& error) {
    return Json{{"error", error.what()}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

}  // namespace postern::control::console
