// The people who may log in: users. See the header.
#include "firmware/control/admin/people/people.hpp"

namespace postern::admin {

namespace {

constexpr std::string_view kUserColumns =
    "SELECT name, role, full_name, created, last_login, last_source, must_change,"
    " (SELECT count(*) FROM devices WHERE user = name AND confirmed = 1),"
    " (SELECT count(*) FROM recovery WHERE user = name),"
    " (SELECT count(*) FROM sessions WHERE user = name AND state = 'full') FROM users";

User read_user(const Query& row) {
  User user;
  user.name = row.text(0);
  user.role = row.text(1);
  user.full_name = row.text(2);
  user.created = row.number(3);
  user.last_login = row.number(4);
  user.last_source = row.text(5);
  user.must_change_password = row.number(6) != 0;
  user.devices = row.number(7);
  user.recovery_codes = row.number(8);
  user.sessions = row.number(9);
  return user;
}

}  // namespace

People::People(const std::string& path) : database_(path, Database::Access::write) {
  make_tables();
}

void People::make_tables() {
  database_.run("PRAGMA synchronous=FULL");
  database_.run("PRAGMA foreign_keys=ON");
  database_.run(
      "CREATE TABLE IF NOT EXISTS users(name TEXT PRIMARY KEY, role TEXT NOT NULL, full_name TEXT NOT NULL,"
      " password TEXT NOT NULL, created INTEGER NOT NULL, last_login INTEGER NOT NULL DEFAULT 0,"
      " last_source TEXT NOT NULL DEFAULT '', must_change INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE IF NOT EXISTS devices(id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(name) ON "
      "DELETE CASCADE, label TEXT NOT NULL, secret TEXT NOT NULL, added INTEGER NOT NULL, used INTEGER NOT "
      "NULL "
      "DEFAULT 0, last_step INTEGER NOT NULL DEFAULT 0, confirmed INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE IF NOT EXISTS recovery(hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(name) "
      "ON "
      "DELETE CASCADE);"
      "CREATE TABLE IF NOT EXISTS sessions(hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT "
      "NULL,"
      " state TEXT NOT NULL, csrf TEXT NOT NULL, source TEXT NOT NULL, agent TEXT NOT NULL, began INTEGER "
      "NOT "
      "NULL, seen INTEGER NOT NULL, ends INTEGER NOT NULL, step_up INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE IF NOT EXISTS tokens(hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL "
      "REFERENCES users(name) ON DELETE CASCADE, label TEXT NOT NULL, scope TEXT NOT NULL, created INTEGER "
      "NOT "
      "NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, source TEXT NOT NULL DEFAULT '');");
}

std::int64_t People::count(std::string_view sql, const std::string& text) {
  auto row = database_.query(sql);
  row.with(std::string_view(text));
  return row.step() ? row.number(0) : 0;
}

bool People::any_owner() {
  const std::lock_guard lock(mutex_);
  return count("SELECT count(*) FROM users WHERE role = ?", "owner") != 0;
}

std::vector<User> People::users() {
  const std::lock_guard lock(mutex_);
  auto row = database_.query(std::string(kUserColumns) + " ORDER BY name");
  std::vector<User> all;
  while (row.step()) all.push_back(read_user(row));
  return all;
}

std::optional<User> People::user(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto row = database_.query(std::string(kUserColumns) + " WHERE name = ?");
  row.with(std::string_view(name));
  return row.step() ? std::optional(read_user(row)) : std::nullopt;
}

bool People::add_user(const User& user, const std::string& password_hash) {
  const std::lock_guard lock(mutex_);
  database_
      .query(
          "INSERT OR IGNORE INTO users(name, role, full_name, password, created, must_change) "
          "VALUES(?,?,?,?,?,?)")
      .with(std::string_view(user.name), std::string_view(user.role), std::string_view(user.full_name),
            std::string_view(password_hash), user.created, user.must_change_password)
      .run();
  return database_.changes() == 1;
}

People::Changed People::change_user(const std::string& name, std::optional<std::string> role,
                                    std::optional<std::string> full_name) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  if (count("SELECT count(*) FROM users WHERE name = ?", name) == 0) return Changed::no_such_user;
  if (role && *role != "owner" &&
      count("SELECT count(*) FROM users WHERE role = 'owner' AND name <> ?", name) == 0)
    return Changed::last_owner;
  if (role)
    database_.query("UPDATE users SET role = ? WHERE name = ?")
        .with(std::string_view(*role), std::string_view(name))
        .run();
  if (full_name)
    database_.query("UPDATE users SET full_name = ? WHERE name = ?")
        .with(std::string_view(*full_name), std::string_view(name))
        .run();
  all.commit();
  return Changed::yes;
}

People::Changed People::remove_user(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  if (count("SELECT count(*) FROM users WHERE name = ?", name) == 0) return Changed::no_such_user;
  if (count("SELECT count(*) FROM users WHERE role = 'owner' AND name <> ?", name) == 0)
    return Changed::last_owner;
  database_.query("DELETE FROM sessions WHERE user = ?").with(std::string_view(name)).run();
  database_.query("DELETE FROM users WHERE name = ?").with(std::string_view(name)).run();
  all.commit();
  return Changed::yes;
}

std::string People::password_hash(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto row = database_.query("SELECT password FROM users WHERE name = ?");
  row.with(std::string_view(name));
  return row.step() ? row.text(0) : std::string();
}

bool People::set_password(const std::string& name, const std::string& hash, bool must_change,
                          const std::string& keep) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  database_.query("UPDATE users SET password = ?, must_change = ? WHERE name = ?")
      .with(std::string_view(hash), must_change, std::string_view(name))
      .run();
  if (database_.changes() == 0) return false;
  database_.query("DELETE FROM sessions WHERE user = ? AND id <> ?")
      .with(std::string_view(name), std::string_view(keep))
      .run();
  all.commit();
  return true;
}

void People::note_login(const std::string& name, const std::string& source, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  database_.query("UPDATE users SET last_login = ?, last_source = ? WHERE name = ?")
      .with(now, std::string_view(source), std::string_view(name))
      .run();
}

}  // namespace postern::admin
