#include "controlplane/cli/mapped_file.h"

#include "controlplane/cli/files.h"

namespace wardline::cli {

std::optional<MappedFile> MappedFile::read(const std::string& file, const std::string& map,
                                           std::span<const std::string_view> keys,
                                           std::span<const std::string_view> required, Errors& errors) {
  MappedFile made;
  if (const auto document = policy::YamlDocument::load(map, name_of(map), errors))
    made.map = std::make_unique<assets::ColumnMap>(assets::read_column_map(document->root(), keys, required));
  const auto bytes = read_file(file);
  if (!bytes) errors.push_back(bytes.error());
  if (!errors.empty()) return std::nullopt;
  auto csv = assets::read_csv(*bytes, name_of(file), errors);
  if (!csv) return std::nullopt;
  made.csv = std::make_unique<assets::CsvTable>(std::move(*csv));
  const auto table = assets::MappedTable::bind(*made.map, *made.csv, errors);
  if (!table) return std::nullopt;
  made.table = *table;
  return made;
}

}  // namespace wardline::cli
