#include "firmware/control/reporter/store/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

namespace postern::reporter {
namespace {

constexpr int kPatienceMilliseconds = 10'000;  // for a lock of another connection

void check(int status, sqlite3* database, std::string_view what) {
  if (status == SQLITE_OK) return;
  throw DatabaseError(std::string(what) + ": " +
                      (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status)));
}

}  // namespace

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value), sqlite3_db_handle(statement_), "cannot bind");
  return *this;
}

Query& Query::bind(std::string_view text) {
  check(sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8),
        sqlite3_db_handle(statement_), "cannot bind");
  return *this;
}

bool Query::step() {
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  throw DatabaseError(std::string("the database does not do it: ") +
                      sqlite3_errmsg(sqlite3_db_handle(statement_)));
}

std::int64_t Query::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Query::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), length);
}

Database::Database(const std::string& path, Access access) {
  if (access == Access::write) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  }
  const int flags =
      access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int status = sqlite3_open_v2(path.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (status != SQLITE_OK) {
    const std::string why = sqlite3_errstr(status);
    sqlite3_close(database_);
    throw DatabaseError("cannot open " + path + ": " + why);
  }
  sqlite3_busy_timeout(database_, kPatienceMilliseconds);
  if (access == Access::read) return;
  ::chmod(path.c_str(), 0600);  // who wrote to whom is nobody else's business
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=NORMAL");
  run("PRAGMA temp_store=MEMORY");
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Query Database::query(std::string_view sql) {
  auto& statement = statements_[std::string(sql)];
  if (statement == nullptr) {
    check(sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement, nullptr),
          database_, "cannot prepare");
  }
  return Query(statement);
}

void Database::run(const std::string& sql) {
  check(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), database_, "cannot run");
}

int Database::changes() const {
  return sqlite3_changes(database_);
}

Transaction::~Transaction() {
  if (over_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const DatabaseError&) {
    // The connection is of no more use, and its owner is on the way out.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  over_ = true;
}

}  // namespace postern::reporter
