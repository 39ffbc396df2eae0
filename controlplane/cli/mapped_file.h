#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "controlplane/assets/column_map.h"

namespace wardline::cli {

// A CSV file and the map that says what its columns mean. Its table refers to both.
struct MappedFile {
  std::unique_ptr<const assets::ColumnMap> map;
  std::unique_ptr<const assets::CsvTable> csv;
  assets::MappedTable table;

  // Reports all that is wrong with either file; lines of the table are yet to be judged.
  static std::optional<MappedFile> read(const std::string& file, const std::string& map,
                                        std::span<const std::string_view> keys,
                                        std::span<const std::string_view> required, Errors& errors);
};

}  // namespace wardline::cli
