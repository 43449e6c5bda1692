// The first-boot code: while nobody can log in yet, a file of ours holds a code, and only who can read it
// (the console, root) can make the first owner. It is gone as soon as there is one.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::admin {

// The owner who is being made; kept in memory until the device's first code was right.
struct PendingOwner {
  std::string name;
  std::string full_name;
  std::string password_hash;
  std::string label;
  std::string totp_secret;
  std::vector<std::string> recovery_codes;
};

class FirstCode {
 public:
  explicit FirstCode(std::string path) : path_(std::move(path)) {}

  // Makes one where there is none.
  Result<void, Fault> prepare();
  void remove();
  bool fits(std::string_view typed) const;

  void set_pending(const std::string& session, PendingOwner owner);
  std::optional<PendingOwner> pending(const std::string& session) const;

 private:
  std::string path_;
  mutable std::mutex mutex_;
  std::map<std::string, PendingOwner> pending_;
};

// For the command line: the code in that directory; empty where there is none.
std::string read_first_code(const std::string& directory);
std::string first_code_path(const std::string& directory);
std::string people_path(const std::string& directory);
std::string audit_path(const std::string& directory);

}  // namespace postern::admin
