#include "controlplane/inventory/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace wardline::inventory {
namespace {

constexpr int kBusyMilliseconds = 500;  // how long another program's write may keep us, and the control loop, waiting

std::unexpected<Error> fault(sqlite3* connection, int code) {
  const char* file = connection == nullptr ? nullptr : sqlite3_db_filename(connection, "main");
  const bool damaged = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
  return fail(damaged ? "store.damaged" : "store.failed", file == nullptr ? "" : file,
              fmt::format("the database answered '{}' ({})",
                          connection == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection), code));
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept {
  *this = std::move(other);
}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(next_bound_, other.next_bound_);
  std::swap(next_column_, other.next_column_);
  std::swap(bind_code_, other.bind_code_);
  return *this;
}

Statement& Statement::checked(int code) {
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A view without data would be bound as NULL.
  return checked(sqlite3_bind_text64(statement_, next_bound_++, text.data() == nullptr ? "" : text.data(), text.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(std::int64_t number) {
  return checked(sqlite3_bind_int64(statement_, next_bound_++, number));
}

Statement& Statement::bind_null() {
  return checked(sqlite3_bind_null(statement_, next_bound_++));
}

void Statement::rewind() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_bound_ = 1;
  bind_code_ = SQLITE_OK;
}

Result<bool> Statement::step() {
  next_column_ = 0;
  const int code = bind_code_ != SQLITE_OK ? bind_code_ : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    rewind();
    return false;
  }
  auto error = fault(sqlite3_db_handle(statement_), code);
  rewind();
  return error;
}

Result<void> Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

std::string Statement::text() {
  const int column = next_column_++;
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::number() {
  return sqlite3_column_int64(statement_, next_column_++);
}

bool Statement::null() const {
  return sqlite3_column_type(statement_, next_column_) == SQLITE_NULL;
}

// close_v2 waits for statements that outlive the connection.
Database::~Database() {
  sqlite3_close_v2(connection_);
}

Database::Database(Database&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

Result<Database> Database::open(const std::string& path, bool read_only) {
  Database database;
  const int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &database.connection_, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
  if (code != SQLITE_OK) return fault(database.connection_, code);
  sqlite3_extended_result_codes(database.connection_, 1);
  sqlite3_busy_timeout(database.connection_, kBusyMilliseconds);
  return database;
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fault(connection_, code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement statement;
  const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement.statement_, nullptr);
  if (code != SQLITE_OK) return fault(connection_, code);
  return statement;
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->number() : 0;
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(connection_);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(connection_);
}

}  // namespace wardline::inventory
