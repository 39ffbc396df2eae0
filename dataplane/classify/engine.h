#pragma once
#include <hs.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/classify/classifier.h"

// Hyperscan's compiler, for the control side.
namespace wardline::classify {

struct DatabaseFree {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using DatabasePtr = std::unique_ptr<hs_database_t, DatabaseFree>;

struct ScratchFree {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using ScratchPtr = std::unique_ptr<hs_scratch_t, ScratchFree>;

// One expression of one database, with all that decides what it matches.
struct Expression {
  std::string text;
  bool caseless = false;
  std::uint32_t min_offset = 0, max_offset = 0, min_length = 0;
  const Pattern* pattern = nullptr;  // where it is from

  // For the order within a database and for its name in the cache: content, not origin.
  std::string content() const;
};

// A regular expression that matches these bytes alone: each is written \xNN, as the literal API of Hyperscan 5.4.0
// loses matches.
std::string escaped(std::string_view literal);

struct Compiled {
  DatabasePtr database;
  int faulty = -1;      // the expression that the fault is in; -1: not one alone
  std::string message;  // empty: no fault
};

// One database for block mode. It reports each expression by its place in `expressions`, once a scan.
Compiled compile_expressions(std::span<const Expression> expressions);

}  // namespace wardline::classify
