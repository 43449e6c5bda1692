// SQLite, as far as the store needs it: a connection and statements with owners.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::resolver {

struct CloseDatabase {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

// A prepared statement, bound and stepped through in order.
class Statement {
 public:
  Statement(sqlite3* connection, const char* text) {
    sqlite3_prepare_v2(connection, text, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::string_view text) {
    sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(Bytes bytes) {
    sqlite3_bind_blob(statement_, ++bound_, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(std::int64_t number) {
    sqlite3_bind_int64(statement_, ++bound_, number);
    return *this;
  }
  bool next() { return statement_ != nullptr && sqlite3_step(statement_) == SQLITE_ROW; }
  bool run() { return statement_ != nullptr && sqlite3_step(statement_) == SQLITE_DONE; }

  std::string_view text(int column) const { return as_text(blob(column)); }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  Bytes blob(int column) const {
    const auto* at = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {at, at != nullptr ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace postern::resolver
