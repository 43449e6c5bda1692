// The people who may log in: sessions and tokens. See people.hpp.
#include <algorithm>

#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/people/secrets.hpp"

namespace postern::admin {

namespace {

using View = std::string_view;

constexpr std::int64_t kMostSessionsPerUser = 20;
constexpr std::int64_t kMostSessions = 500;
// A session's last sign of life is written down only when it is this much later.
constexpr std::int64_t kSeenGrain = 10;
constexpr std::size_t kLongestAgent = 200;

constexpr std::string_view kColumns =
    "SELECT id, user, state, csrf, source, agent, began, seen, ends, step_up FROM sessions";

Session read_session(const Query& row) {
  return {row.text(0), row.text(1),   row.text(2),   row.text(3),   row.text(4),
          row.text(5), row.number(6), row.number(7), row.number(8), row.number(9)};
}

Token read_token(const Query& row) {
  return {row.text(0),   row.text(1),   row.text(2),   row.text(3),
          row.number(4), row.number(5), row.number(6), row.text(7)};
}

constexpr std::string_view kTokenColumns =
    "SELECT id, user, label, scope, created, expires, used, source FROM tokens";

}  // namespace

std::string People::add_session(Session session, const SessionTimes& times, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto secret = make_secret();
  Transaction all(database_);
  database_.query("DELETE FROM sessions WHERE ends < ? OR seen < ?").with(now, now - times.idle).run();
  // The oldest go where there are too many: of one person, and of all.
  database_
      .query(
          "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user = ? ORDER BY seen DESC LIMIT "
          "-1 "
          "OFFSET ?)")
      .with(View(session.user), kMostSessionsPerUser - 1)
      .run();
  database_
      .query(
          "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY seen DESC LIMIT -1 OFFSET ?)")
      .with(kMostSessions - 1)
      .run();
  database_
      .query(
          "INSERT INTO sessions(hash, id, user, state, csrf, source, agent, began, seen, ends) "
          "VALUES(?,?,?,?,?,?,?,?,?,?)")
      .with(View(hash_of(secret)), View(make_id()), View(session.user), View(session.state),
            View(make_secret()), View(session.source), View(session.agent).substr(0, kLongestAgent), now, now,
            now + times.life)
      .run();
  all.commit();
  return secret;
}

std::optional<Session> People::session(std::string_view secret, const SessionTimes& times, std::int64_t now,
                                       bool seen) {
  if (secret.empty() || secret.size() > 64) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Session session;
  {
    auto row = database_.query(std::string(kColumns) + " WHERE hash = ?");
    row.with(View(hash_of(secret)));
    if (!row.step()) return std::nullopt;
    session = read_session(row);
  }
  if (now >= session.ends || now - session.seen > times.idle) return std::nullopt;
  if (seen && now - session.seen >= kSeenGrain) {
    database_.query("UPDATE sessions SET seen = ? WHERE id = ?").with(now, View(session.id)).run();
    session.seen = now;
  }
  return session;
}

std::string People::renew_session(const std::string& id, const std::string& user, const std::string& state) {
  const std::lock_guard lock(mutex_);
  const auto secret = make_secret();
  database_.query("UPDATE sessions SET hash = ?, csrf = ?, user = ?, state = ? WHERE id = ?")
      .with(View(hash_of(secret)), View(make_secret()), View(user), View(state), View(id))
      .run();
  return secret;
}

void People::set_step_up(const std::string& id, std::int64_t until) {
  const std::lock_guard lock(mutex_);
  database_.query("UPDATE sessions SET step_up = ? WHERE id = ?").with(until, View(id)).run();
}

bool People::end_session(const std::string& id, const std::optional<std::string>& user) {
  const std::lock_guard lock(mutex_);
  database_.query("DELETE FROM sessions WHERE id = ? AND (? OR user = ?)")
      .with(View(id), !user.has_value(), View(user.value_or("")))
      .run();
  return database_.changes() != 0;
}

std::vector<Session> People::sessions(const std::optional<std::string>& user, const SessionTimes& times,
                                      std::int64_t now) {
  const std::lock_guard lock(mutex_);
  auto row = database_.query(
      std::string(kColumns) +
      " WHERE ends > ? AND seen >= ? AND state = 'full' AND (? OR user = ?) ORDER BY seen DESC");
  row.with(now, now - times.idle, !user.has_value(), View(user.value_or("")));
  std::vector<Session> all;
  while (row.step()) {
    all.push_back(read_session(row));
    all.back().csrf.clear();
  }
  return all;
}

std::string People::add_token(Token token, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto secret = "pst_" + make_secret();
  database_.query("INSERT INTO tokens(hash, id, user, label, scope, created, expires) VALUES(?,?,?,?,?,?,?)")
      .with(View(hash_of(secret)), View(token.id), View(token.user), View(token.label), View(token.scope),
            now, token.expires)
      .run();
  return secret;
}

std::optional<Token> People::token(std::string_view secret, const std::string& source, std::int64_t now) {
  if (!secret.starts_with("pst_") || secret.size() > 80) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Token token;
  {
    auto row = database_.query(std::string(kTokenColumns) + " WHERE hash = ? AND expires > ?");
    row.with(View(hash_of(secret)), now);
    if (!row.step()) return std::nullopt;
    token = read_token(row);
  }
  if (now - token.used >= kSeenGrain || token.source != source)
    database_.query("UPDATE tokens SET used = ?, source = ? WHERE id = ?")
        .with(now, View(source), View(token.id))
        .run();
  return token;
}

std::vector<Token> People::tokens(const std::optional<std::string>& user) {
  const std::lock_guard lock(mutex_);
  auto row = database_.query(std::string(kTokenColumns) + " WHERE ? OR user = ? ORDER BY created DESC");
  row.with(!user.has_value(), View(user.value_or("")));
  std::vector<Token> all;
  while (row.step()) all.push_back(read_token(row));
  return all;
}

bool People::remove_token(const std::string& id, const std::optional<std::string>& user) {
  const std::lock_guard lock(mutex_);
  database_.query("DELETE FROM tokens WHERE id = ? AND (? OR user = ?)")
      .with(View(id), !user.has_value(), View(user.value_or("")))
      .run();
  return database_.changes() != 0;
}

}  // namespace postern::admin
