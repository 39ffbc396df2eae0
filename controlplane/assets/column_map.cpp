#include "controlplane/assets/column_map.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controlplane/inventory/text.h"

namespace wardline::assets {
namespace {

using policy::Location;
using policy::YamlValue;

constexpr std::size_t kMostName = 128;

std::vector<policy::Word> words_of(const YamlValue& value) {
  std::vector<policy::Word> words;
  const auto take = [&](const YamlValue& item) {
    if (auto text = item.as_text(kMostName)) words.push_back({std::move(*text), item.at()});
  };
  const auto list = value.is_list() ? value.as_list() : std::nullopt;
  if (!list) take(value);
  for (std::size_t i = 0; list && i < list->size(); ++i) take((*list)[i]);
  return words;
}

bool known(std::span<const std::string_view> keys, const std::string& key, const YamlValue& value) {
  if (std::ranges::find(keys, key) != keys.end()) return true;
  const auto near = policy::nearest(key, {keys.begin(), keys.end()});
  value.error("map.key", fmt::format("'{}' is none of the keys {}{}", key, fmt::join(keys, ", "),
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  return false;
}

void read_values(const YamlValue& value, std::map<std::string, std::string>& into) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& said, const Location&, const YamlValue& meant) {
    if (auto text = meant.as_text(kMostName)) into[said] = std::move(*text);
  });
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "" where the text may stand in a register.
std::string refusal_of(std::string_view text, std::size_t most) {
  if (text.size() > most) return fmt::format("{} bytes; at most {}", text.size(), most);
  if (inventory::clean_text(text, 4 * most) == text) return "";
  return "expected one line of UTF-8 text without control characters; save the file as UTF-8";
}

}  // namespace

ColumnMap read_column_map(const YamlValue& root, std::span<const std::string_view> keys,
                          std::span<const std::string_view> required) {
  ColumnMap map;
  auto whole = root.as_map();
  if (!whole) return map;
  const auto columns_at = whole->require("columns");
  if (auto columns = columns_at.as_map()) {
    columns->each([&](const std::string& key, const Location&, const YamlValue& value) {
      if (known(keys, key, value)) map.columns.push_back({key, words_of(value)});
    });
    for (const auto key : required)
      if (std::ranges::find(map.columns, key, &ColumnMap::Column::key) == map.columns.end())
        columns_at.error("map.column", fmt::format("no column for '{}' is named, and nothing goes without it", key));
  }
  if (auto values = whole->get("values").as_map())
    values->each([&](const std::string& key, const Location&, const YamlValue& value) {
      if (known(keys, key, value)) read_values(value, map.values[key]);
    });
  if (auto defaults = whole->get("defaults").as_map())
    defaults->each([&](const std::string& key, const Location&, const YamlValue& value) {
      if (!known(keys, key, value)) return;
      if (auto text = value.as_text(kMostName)) map.defaults[key] = std::move(*text);
    });
  if (auto skip = whole->get("skip").as_map())
    skip->each([&](const std::string& name, const Location& at, const YamlValue& value) {
      auto& made = map.skip.emplace_back(ColumnMap::Skip{{name, at}, {}});
      for (auto& word : words_of(value)) made.values.push_back(std::move(word.text));
    });
  whole->finish();
  return map;
}

std::optional<MappedTable> MappedTable::bind(const ColumnMap& map, const CsvTable& table, Errors& errors) {
  MappedTable bound;
  bound.map_ = &map;
  bound.table_ = &table;
  std::vector<std::string> names;
  for (const auto& cell : table.header) names.emplace_back(without_blanks(cell.text));
  const auto before = errors.size();
  const auto index_of = [&](const policy::Word& name) {
    const auto found = std::ranges::find(names, name.text);
    if (found == names.end()) {
      const auto near = policy::nearest(name.text, names);
      errors.push_back({"map.column", name.at.text(),
                        fmt::format("{} has no column '{}'{}", table.file, name.text,
                                    near.empty() ? fmt::format("; it has: {}", fmt::join(names, ", "))
                                                 : fmt::format("; did you mean '{}'?", near))});
    } else if (std::ranges::count(names, name.text) > 1) {
      errors.push_back({"map.column", name.at.text(),
                        fmt::format("{} has two columns named '{}'; rename one of them", table.file, name.text)});
    }
    return static_cast<std::size_t>(found - names.begin());
  };
  for (const auto& column : map.columns)
    for (const auto& name : column.names) bound.indices_[column.key].push_back(index_of(name));
  for (const auto& skip : map.skip) bound.skip_.emplace_back(index_of(skip.name), &skip.values);
  if (errors.size() != before) return std::nullopt;
  return bound;
}

bool MappedTable::skipped(const CsvRow& row) const {
  return std::ranges::any_of(skip_, [&](const auto& item) {
    return std::ranges::count(*item.second, without_blanks(row[item.first].text)) != 0;
  });
}

std::vector<CsvCell> MappedTable::cells(const CsvRow& row, std::string_view key, std::size_t most,
                                        Errors& errors) const {
  std::vector<CsvCell> found;
  const auto values = map_->values.find(std::string(key));
  const auto indices = indices_.find(key);
  if (indices != indices_.end()) {
    for (const auto index : indices->second) {
      CsvCell cell{std::string(without_blanks(row[index].text)), row[index].at};
      if (cell.text.empty()) continue;
      if (auto refused = refusal_of(cell.text, most); !refused.empty()) {
        errors.push_back({"csv.text", cell.at.text(), std::move(refused)});
        continue;
      }
      if (values != map_->values.end())
        if (const auto meant = values->second.find(cell.text); meant != values->second.end()) cell.text = meant->second;
      if (!cell.text.empty()) found.push_back(std::move(cell));
    }
  }
  const auto otherwise = map_->defaults.find(std::string(key));
  if (found.empty() && otherwise != map_->defaults.end()) found.push_back({otherwise->second, row.front().at});
  return found;
}

CsvCell MappedTable::cell(const CsvRow& row, std::string_view key, std::size_t most, Errors& errors) const {
  auto list = cells(row, key, most, errors);
  return list.empty() ? CsvCell{"", row.front().at} : std::move(list.front());
}

}  // namespace wardline::assets
