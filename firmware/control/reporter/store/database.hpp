// SQLite, as little of it as the store needs: open, prepare, bind, step.
//
// Everything that goes wrong is thrown as DatabaseError: a reporter whose database fails ends, says why, and
// is started again.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace postern::reporter {

class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One run of a prepared statement; reset with the object.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::string_view text);
  template <typename... T>
  Query& with(const T&... values) {
    (bind(values), ...);
    return *this;
  }

  // True where there is a row.
  bool step();
  void run() { step(); }
  std::int64_t number(int column) const;
  std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Database {
 public:
  enum class Access : std::uint8_t { write, read };
  // `write`: made where it is missing, readable for its owner only; journal in WAL form, so that a process
  // that is killed loses nothing it has committed.
  Database(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Prepared once, kept.
  Query query(std::string_view sql);
  void run(const std::string& sql);
  int changes() const;

 private:
  sqlite3* database_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

// All or nothing: undone where commit() was not reached.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool over_ = false;
};

}  // namespace postern::reporter
