#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wardline::inventory {

// One prepared statement. Values are bound in order, columns read in order; a run() begins anew.
class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  Statement& bind_null();

  // The next row: true, or false at the end.
  Result<bool> step();
  // For writes: steps to the end. Leaves the statement ready for the next binding.
  Result<void> run();

  std::string text();  // of the next column
  std::int64_t number();
  bool null() const;  // whether the next column is NULL; does not move on

 private:
  friend class Database;
  Statement& checked(int code);
  void rewind();

  sqlite3_stmt* statement_ = nullptr;
  int next_bound_ = 1, next_column_ = 0;
  int bind_code_ = 0;
};

// A connection. The caller serialises its use. Error codes: store.damaged (the file's content), store.failed (the
// rest).
class Database {
 public:
  Database() = default;
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;

  static Result<Database> open(const std::string& path, bool read_only);
  Result<void> execute(const std::string& sql);  // one or several statements without values
  Result<Statement> prepare(std::string_view sql);
  Result<std::int64_t> number(std::string_view sql);  // the first column of the first row
  std::int64_t last_row() const;
  std::int64_t changes() const;  // rows that the last INSERT, UPDATE or DELETE touched

 private:
  sqlite3* connection_ = nullptr;
};

}  // namespace wardline::inventory
