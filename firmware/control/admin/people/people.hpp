// The people who may log in, and what they log in with: a SQLite file of the admin's own.
//
// Passwords are kept as argon2id hashes; sessions, tokens and recovery codes as hashes; TOTP secrets as they
// are, because codes are made from them. Everything that changes more than one row is one transaction. The
// command line of root opens the same file (password reset by physical presence). Safe from many threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/reporter/store/database.hpp"

namespace postern::admin {

using reporter::Database;
using reporter::Query;
using reporter::Transaction;

struct User {
  std::string name;
  std::string role;
  std::string full_name;
  std::int64_t created = 0;
  std::int64_t last_login = 0;  // 0: never
  std::string last_source;
  bool must_change_password = false;
  std::int64_t devices = 0;  // confirmed ones
  std::int64_t recovery_codes = 0;
  std::int64_t sessions = 0;
};

struct Device {
  std::string id;
  std::string label;
  std::int64_t added = 0;
  std::int64_t used = 0;
  bool confirmed = false;
};

struct NewDevice {
  std::string id;
  std::string secret;  // base32
};

struct Session {
  std::string id;
  std::string user;   // empty: setup
  std::string state;  // second_factor, enrol, full, setup
  std::string csrf;
  std::string source;
  std::string agent;
  std::int64_t began = 0;
  std::int64_t seen = 0;
  std::int64_t ends = 0;
  std::int64_t step_up_until = 0;
};

struct SessionTimes {
  std::int64_t idle = 15 * 60;
  std::int64_t life = 12 * 3600;
};

struct Token {
  std::string id;
  std::string user;
  std::string label;
  std::string scope;  // words separated by spaces
  std::int64_t created = 0;
  std::int64_t expires = 0;
  std::int64_t used = 0;
  std::string source;
};

inline constexpr std::size_t kRecoveryCodes = 10;
inline constexpr std::int64_t kStepUpSeconds = 600;

class People {
 public:
  explicit People(const std::string& path);

  // Users.
  bool any_owner();
  std::vector<User> users();
  std::optional<User> user(const std::string& name);
  // False where the name is taken.
  bool add_user(const User& user, const std::string& password_hash);
  enum class Changed : std::uint8_t { yes, no_such_user, last_owner };
  Changed change_user(const std::string& name, std::optional<std::string> role,
                      std::optional<std::string> full_name);
  Changed remove_user(const std::string& name);
  std::string password_hash(const std::string& name);
  // Ends all sessions but `keep`.
  bool set_password(const std::string& name, const std::string& hash, bool must_change,
                    const std::string& keep = {});
  void note_login(const std::string& name, const std::string& source, std::int64_t now);

  // Second factors.
  std::vector<Device> devices(const std::string& user);
  NewDevice add_device(const std::string& user, const std::string& label, std::int64_t now);
  bool confirm_device(const std::string& user, const std::string& id, std::string_view code,
                      std::int64_t now);
  // For setup: a device whose first code was right already.
  void add_confirmed_device(const std::string& user, const std::string& label, const std::string& secret,
                            std::int64_t step, std::int64_t now);
  enum class Removed : std::uint8_t { yes, no_such_device, last_one };
  Removed remove_device(const std::string& user, const std::string& id);
  bool use_code(const std::string& user, std::string_view code, std::int64_t now);
  bool use_recovery_code(const std::string& user, std::string_view code);
  std::vector<std::string> make_recovery_codes(const std::string& user);
  void set_recovery_codes(const std::string& user, const std::vector<std::string>& codes);
  // All devices and codes go; the next login enrols again.
  void forget_second_factor(const std::string& user);

  // Sessions; the secret goes to the browser and is not kept.
  std::string add_session(Session session, const SessionTimes& times, std::int64_t now);
  // The session of a secret, if it lives; `seen`: that is a sign of life.
  std::optional<Session> session(std::string_view secret, const SessionTimes& times, std::int64_t now,
                                 bool seen = true);
  // A new secret for the same session with a new state: what was known before is good for nothing more.
  std::string renew_session(const std::string& id, const std::string& user, const std::string& state);
  void set_step_up(const std::string& id, std::int64_t until);
  bool end_session(const std::string& id, const std::optional<std::string>& user);
  std::vector<Session> sessions(const std::optional<std::string>& user, const SessionTimes& times,
                                std::int64_t now);

  // Tokens.
  std::string add_token(Token token, std::int64_t now);
  std::optional<Token> token(std::string_view secret, const std::string& source, std::int64_t now);
  std::vector<Token> tokens(const std::optional<std::string>& user);
  bool remove_token(const std::string& id, const std::optional<std::string>& user);

 private:
  void make_tables();
  std::int64_t count(std::string_view sql, const std::string& text);
  void put_recovery_codes(const std::string& user, const std::vector<std::string>& codes);

  std::mutex mutex_;
  Database database_;
};

}  // namespace postern::admin
