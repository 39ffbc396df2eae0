#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/assets/csv_table.h"
#include "controlplane/policy/draft.h"

namespace wardline::assets {

// What the columns of a CSV file mean, as a map in YAML says it:
//
//   columns: {id: "Asset tag", macs: ["MAC LAN", "MAC WLAN"], class: Type}    key: the column, or several
//   values:  {class: {"Infusionspumpe": infusion-pump}}                       what a cell says: what is meant
//   defaults: {owner: medical engineering}                                    where the cells are empty
//   skip: {Status: [retired]}                                                 lines that do not count
struct ColumnMap {
  struct Column {
    std::string key;
    std::vector<policy::Word> names;
  };
  struct Skip {
    policy::Word name;
    std::vector<std::string> values;
  };
  std::vector<Column> columns;
  std::map<std::string, std::map<std::string, std::string>> values;
  std::map<std::string, std::string> defaults;
  std::vector<Skip> skip;
};

// `keys`: those that may have a column; `required`: those that must. Reports to the document's errors.
ColumnMap read_column_map(const policy::YamlValue& root, std::span<const std::string_view> keys,
                          std::span<const std::string_view> required);

// A table read through a map.
class MappedTable {
 public:
  // Reports each column that the map names and the table does not have, or has twice.
  static std::optional<MappedTable> bind(const ColumnMap& map, const CsvTable& table, Errors& errors);

  const std::vector<CsvRow>& rows() const { return table_->rows; }
  bool skipped(const CsvRow& row) const;
  // The cells of a key that say something, without blanks around, translated by `values:`; the default where none
  // does. A cell that is no UTF-8, has control characters or more than `most` bytes is reported and left out.
  std::vector<CsvCell> cells(const CsvRow& row, std::string_view key, std::size_t most, Errors& errors) const;
  // The first of them; "" where there is none.
  CsvCell cell(const CsvRow& row, std::string_view key, std::size_t most, Errors& errors) const;

 private:
  const ColumnMap* map_ = nullptr;
  const CsvTable* table_ = nullptr;
  std::map<std::string, std::vector<std::size_t>, std::less<>> indices_;
  std::vector<std::pair<std::size_t, const std::vector<std::string>*>> skip_;
};

}  // namespace wardline::assets
