// From bytes to cells, by libcsv; what is added are the places.
#include "controlplane/assets/csv_table.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace wardline::assets {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

char separator_of(std::string_view bytes) {
  const auto names = bytes.substr(0, bytes.find_first_of("\r\n"));
  return std::ranges::count(names, ';') > std::ranges::count(names, ',') ? ';' : ',';
}

class Reader {
 public:
  Reader(char separator, CsvTable& table, Errors& errors) : table_(table), errors_(errors) {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(separator));
  }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Byte by byte, since libcsv does not say where it is.
  bool read(std::string_view bytes) {
    for (const char byte : bytes) {
      const bool begins = !open_ && !(line_end(byte) && row_.empty());
      if (begins && row_.empty() && enough_problems({table_.file, line_, column_}, errors_)) return false;
      if (begins) begin_cell();
      if (csv_parse(&parser_, &byte, 1, &Reader::end_cell, &Reader::end_row, this) != 1) return refuse();
      // Of a line of blanks no cell came, and none is begun.
      if (line_end(byte) && row_.empty() && parser_.quoted == 0) open_ = false;
      if (cells_ > kMostCsvCells) return false;
      move_past(byte);
    }
    return csv_fini(&parser_, &Reader::end_cell, &Reader::end_row, this) == 0 || refuse();
  }

 private:
  static bool line_end(char byte) { return byte == '\r' || byte == '\n'; }

  void begin_cell() {
    begin_ = {table_.file, line_, column_};
    open_ = true;
  }

  static void end_cell(void* text, std::size_t size, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    reader.row_.push_back({std::string(static_cast<const char*>(text), size), reader.begin_});
    reader.open_ = false;
  }

  static void end_row(int, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    reader.keep(std::exchange(reader.row_, {}));
    reader.open_ = false;
  }

  void keep(CsvRow row) {
    const auto report = [&](std::string what) {
      errors_.push_back({"csv.columns", row.front().at.text(), std::move(what)});
    };
    cells_ += row.size();
    if (cells_ > kMostCsvCells) return report(fmt::format("more than {} cells; split the file", kMostCsvCells));
    if (row.size() > kMostCsvColumns) return report(fmt::format("{} cells; at most {}", row.size(), kMostCsvColumns));
    if (table_.header.empty()) {
      table_.header = std::move(row);
    } else if (row.size() != table_.header.size()) {
      report(
          fmt::format("this line has {} cells, the line of names has {}; is a separator in a cell without "
                      "quotation marks?",
                      row.size(), table_.header.size()));
    } else {
      table_.rows.push_back(std::move(row));
    }
  }

  bool refuse() {
    errors_.push_back({"csv.quotes", begin_.text(),
                       "the quotation marks of this cell do not fit together: a cell that has any stands in them "
                       "whole, and each one within is doubled"});
    return false;
  }

  void move_past(char byte) {
    const bool second_of_two = byte == '\n' && last_ == '\r';
    column_ = line_end(byte) ? 1 : column_ + 1;
    line_ += line_end(byte) && !second_of_two ? 1 : 0;
    last_ = byte;
  }

  csv_parser parser_{};
  CsvTable& table_;
  Errors& errors_;
  CsvRow row_;
  std::size_t cells_ = 0;
  policy::Location begin_;
  bool open_ = false;
  int line_ = 1, column_ = 1;
  char last_ = 0;
};

}  // namespace

bool enough_problems(const policy::Location& at, Errors& errors) {
  if (errors.size() < kMostProblems) return false;
  errors.push_back({"csv.problems", at.text(),
                    fmt::format("{} problems are told; this line and those after it were not read", errors.size())});
  return true;
}

std::optional<CsvTable> read_csv(std::string_view bytes, const std::string& shown, Errors& errors) {
  const auto refuse = [&](std::string what) {
    errors.push_back({"csv.file", policy::Location{shown, 1, 1}.text(), std::move(what)});
    return std::nullopt;
  };
  if (bytes.size() > kMostCsvBytes)
    return refuse(fmt::format("the file has {} bytes; at most {} are read", bytes.size(), kMostCsvBytes));
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"))
    return refuse("the file is UTF-16; save it as UTF-8");
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  CsvTable table{.file = shown, .header = {}, .rows = {}};
  const auto before = errors.size();
  const bool whole = Reader(separator_of(bytes), table, errors).read(bytes);
  if (!whole || errors.size() != before) return std::nullopt;
  if (table.header.empty()) return refuse("the file is empty; expected a line of names and lines of cells");
  return table;
}

}  // namespace wardline::assets
