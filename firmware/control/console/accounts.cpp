// The console's own password file: see the header.
#include "firmware/control/console/accounts.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "firmware/ipc/settings_value.hpp"
#include "platform/log/log.hpp"
#include "platform/password/password.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::console {

namespace {

constexpr std::size_t kMostFile = 1u << 20;

struct Account {
  std::string name;
  std::string role;
  std::string hash;
};

std::string read_file(const std::string& path) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMostFile, '\0');
  const auto got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

std::vector<Account> read_accounts(const std::string& path) {
  std::vector<Account> all;
  const auto text = read_file(path);
  for (const auto line : ipc::split_list(text)) {
    const auto words = ipc::split_list(line, ' ');
    if (words.size() == 3)
      all.push_back({std::string(words[0]), std::string(words[1]), std::string(words[2])});
  }
  return all;
}

// Whole or not at all.
Result<void, Fault> write_accounts(const std::string& path, const std::vector<Account>& accounts) {
  std::string text;
  for (const auto& one : accounts) text += one.name + " " + one.role + " " + one.hash + "\n";
  const auto fresh = path + ".new";
  const process::Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool written = file &&
                       ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.get()) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
  if (!written) return fault("cannot write " + path + ": " + std::strerror(errno));
  const process::Descriptor directory(
      ::open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
  return {};
}

bool is_name(const std::string& name) {
  constexpr std::string_view kFits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kFits) == std::string::npos;
}

}  // namespace

std::string FileAccounts::code() const {
  auto text = read_file(code_file_);
  return text.substr(0, std::min<std::size_t>(text.find('\n'), 64));
}

Json FileAccounts::answer(const Json& question) {
  const auto what = question.value("do", "");
  if (what == "state") return {{"passwords", !read_accounts(path_).empty()}};
  if (what == "setup") {
    const auto first = code();
    return first.empty() ? Json{{"claimed", !read_accounts(path_).empty()}}
                         : Json{{"code", first}, {"claimed", false}};
  }
  if (what == "claim") {
    const auto right = code();
    const auto typed = question.value("code", "");
    return {{"ok", !right.empty() && typed.size() == right.size() &&
                       ::sodium_memcmp(typed.data(), right.data(), right.size()) == 0}};
  }
  if (what == "login") return login(question);
  if (what == "set_password") return set_password(question);
  if (what == "came") log::write(log::Level::notice, "console", question.value("name", "") + " logged in");
  return Json::object();
}

Json FileAccounts::login(const Json& question) const {
  const auto name = question.value("name", "");
  Account found{{}, {}, kNobody};
  for (auto& one : read_accounts(path_)) {
    if (one.name == name) found = std::move(one);
  }
  const bool right = password::matches(found.hash, question.value("password", "")) && !found.name.empty();
  if (!right) log::write(log::Level::warning, "console", "a login as '" + name + "' was refused");
  return {{"ok", right}, {"role", right ? found.role : ""}};
}

Json FileAccounts::set_password(const Json& question) const {
  const auto name = question.value("name", "");
  if (!is_name(name)) return {{"error", "a name is letters, digits and . _ - @"}};
  const auto hash = password::hash(question.value("password", ""));
  if (!hash) return {{"error", std::string(hash.error().reason)}};
  auto all = read_accounts(path_);
  bool known = false;
  for (auto& one : all) {
    if (one.name != name) continue;
    one.hash = *hash;
    known = true;
  }
  if (!known && !all.empty()) return {{"error", "there is nobody of that name"}};
  if (!known) all.push_back({name, "owner", *hash});
  if (const auto written = write_accounts(path_, all); !written) return {{"error", written.error().reason}};
  log::write(log::Level::warning, "console",
             "the password of '" + name + "' was set at the console" +
                 (question.value("second_factor", false) ? ", by presence" : ""));
  return {{"done", true}};
}

}  // namespace postern::control::console
