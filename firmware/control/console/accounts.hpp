// Who may log in at the console, and the questions about it: {"do": "state" | "setup" | "login" | "claim" |
// "set_password" | "came"}.
#pragma once

#include <string>

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

// For those who do not exist the same time goes by.
inline constexpr const char* kNobody =
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

class Accounts {
 public:
  virtual ~Accounts() = default;
  // May take a second: passwords are slow to check on purpose.
  virtual Json answer(const Json& question) = 0;
};

// The people of the web administration, once it has an owner: its passwords are good here too. Every change
// is in its audit log.
class AdminAccounts : public Accounts {
 public:
  explicit AdminAccounts(std::string directory) : directory_(std::move(directory)) {}
  // Whether there is an owner.
  bool any() const;
  Json answer(const Json& question) override;

 private:
  Json login(const Json& question) const;
  Json set_password(const Json& question) const;
  void note(const std::string& action, const std::string& subject, const std::string& result) const;

  std::string directory_;
};

// One question, by whichever of the two there is. The answer as text.
std::string answer_account(const std::string& admin_directory, const std::string& file,
                           const std::string& question);

// A file of ours, for a box whose web administration has nobody yet: "name role argon2id-hash" in each line.
// The first owner's code is read from `code_file`, where the administration puts it.
class FileAccounts : public Accounts {
 public:
  FileAccounts(std::string path, std::string code_file)
      : path_(std::move(path)), code_file_(std::move(code_file)) {}
  Json answer(const Json& question) override;

 private:
  Json login(const Json& question) const;
  Json set_password(const Json& question) const;
  std::string code() const;

  std::string path_;
  std::string code_file_;
};

}  // namespace postern::control::console
