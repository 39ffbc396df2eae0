#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/yaml_reader.h"

namespace wardline::assets {

struct CsvCell {
  std::string text;     // as it stands in the file, without its quotation marks
  policy::Location at;  // where it begins; columns count bytes
};
using CsvRow = std::vector<CsvCell>;

// A file of comma-separated values (RFC 4180): a line of names, and lines of as many cells. Empty lines are passed
// over.
struct CsvTable {
  std::string file;  // as messages name it
  CsvRow header;
  std::vector<CsvRow> rows;
};

inline constexpr std::size_t kMostCsvBytes = 32u << 20, kMostCsvColumns = 256, kMostCsvCells = 4'000'000;
inline constexpr std::size_t kMostProblems = 100;  // of one file: a file of garbage stays readable

// Whether kMostProblems are reached before the line at `at`; then that is reported, too, and lines are read no further.
bool enough_problems(const policy::Location& at, Errors& errors);

// The separator is `,` or `;`, whichever the line of names has more of; a byte order mark is passed over. The bytes may
// be anything: what is no CSV is reported at its line and column and gives nullopt, whether cells are UTF-8 is left to
// who reads them.
std::optional<CsvTable> read_csv(std::string_view bytes, const std::string& shown, Errors& errors);

}  // namespace wardline::assets
