#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controlplane/inventory/device.h"

// An answer to one of the questions that a hospital asks, before it is written as text, JSON, CSV or a page.
namespace wardline::reports {

using inventory::WallTime;

enum class Kind : std::uint8_t { kText, kCount, kShare, kTime };

struct Column {
  std::string name;  // snake_case, as records name the same thing
  Kind kind = Kind::kText;
};

// Nothing, text, a count, a share in percent, a time: as the column's kind says. Text is UTF-8 without control
// characters.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, WallTime>;
using Row = std::vector<Cell>;

struct Table {
  std::string name;   // snake_case, unique in its report
  std::string title;  // for people
  std::vector<Column> columns;
  std::vector<Row> rows;  // as many cells as columns
  bool cut = false;       // there are more rows than were asked for
};

struct Report {
  std::string question;  // the word of the command line
  std::string title;
  WallTime time{};  // for which it holds
  std::optional<WallTime> since;
  std::string policy_hash;         // "" when no policy was read
  std::vector<std::string> notes;  // what has to be said openly with these figures; whole sentences
  std::vector<Table> tables;       // the one that answers the question first
};

// For people and for CSV: "" for nothing, "12.5" for a share, "2026-11-02T03:04:05Z" for a time.
std::string text_of(const Cell& cell);
std::string text_of(WallTime time);

// Of `part` in `whole`, in percent; nothing when there is no whole.
Cell share(std::int64_t part, std::int64_t whole);
// The same in a sentence: "12.5 %", or "no share" of nothing.
std::string share_text(std::int64_t part, std::int64_t whole);

}  // namespace wardline::reports
