#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controlplane/assets/devices_in.h"

namespace wardline::assets {

// An export and its map, as texts.
struct ExportFile {
  std::string map = "columns: {id: Tag, macs: MAC, class: Type, serial: Serial, owner: Dept, segment: Net}\n";
  KnownNames known{{"infusion-pump", "patient-monitor", "unidentified"}, {"icu", "ward-4b"}};
  Errors errors;
  std::vector<policy::RegisterEntry> passed_over;  // of the last read

  std::vector<policy::RegisterEntry> read(const std::string& csv) {
    errors.clear();
    const auto document = policy::YamlDocument::parse(map, "map.yaml", errors);
    if (!document) return {};
    const auto keys = asset_keys();
    constexpr std::string_view kRequired[] = {"id"};
    const auto columns = read_column_map(document->root(), keys, kRequired);
    const auto table = errors.empty() ? read_csv(csv, "cmdb.csv", errors) : std::nullopt;
    const auto mapped = table ? MappedTable::bind(columns, *table, errors) : std::nullopt;
    if (!mapped) return {};
    auto in = devices_in(*mapped, known, errors);
    passed_over = std::move(in.passed_over);
    return std::move(in.devices);
  }

  // Every problem, a line each.
  std::string problems() const {
    std::string text;
    for (const auto& error : errors) text += error.text() + "\n";
    return text;
  }
};

}  // namespace wardline::assets
