#pragma once
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controlplane/inventory/database.h"
#include "controlplane/policy/stated.h"
#include "controlplane/reports/report.h"
#include "dataplane/error.h"

namespace wardline::reports {

struct Options {
  WallTime now{};
  std::optional<WallTime> since;
  std::size_t top = 5;          // of a ranking
  std::size_t limit = 200'000;  // rows of one table
};

using Value = std::variant<std::int64_t, std::string>;

// What reports are made from: the daemon's database, read beside it as it was at one moment, and what the policy says,
// as temporary tables of the same connection (policy_tables.h), so that one query asks both.
//
// The first query that fails is kept as error(), and those after it give nothing: who makes a report asks once, at
// its end.
class Source {
 public:
  // `policy` may be null and is not kept. Errors: store.missing (no file), store.not-permitted, store.failed,
  // store.damaged.
  static Result<Source> open(const std::string& path, const policy::StatedPolicy* policy, const Options& options);

  const Options& options() const { return options_; }
  bool has_policy() const { return !policy_hash_.empty(); }
  const std::string& policy_hash() const { return policy_hash_; }
  // Whether the database has this table. Where it lacks one of `finding`, `history` and `conversation` an empty one
  // stands in, so that queries need not care; the report says so.
  bool has(std::string_view table) const { return !missing_.contains(table); }
  std::int64_t since() const;  // microseconds; 0: from the beginning
  std::int64_t now() const;

  // The rows of a query whose columns are the table's, in their order; a share is selected in thousandths of a percent.
  Table table(std::string name, std::string title, std::vector<Column> columns, const std::string& sql,
              std::initializer_list<Value> values = {});
  // The first column of the first row; 0 when there is none.
  std::int64_t number(const std::string& sql, std::initializer_list<Value> values = {});
  void execute(const std::string& sql, std::initializer_list<Value> values = {});

  const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<inventory::Statement> prepare(const std::string& sql, std::initializer_list<Value> values);
  Result<void> stand_in();
  void keep(const Error& error);

  inventory::Database database_;
  Options options_;
  std::string policy_hash_;
  std::set<std::string, std::less<>> missing_;
  std::optional<Error> error_;
};

}  // namespace wardline::reports
