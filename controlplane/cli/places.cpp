#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "controlplane/assets/places_in.h"
#include "controlplane/cli/commands.h"
#include "controlplane/cli/mapped_file.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::cli {
namespace {

constexpr std::size_t kBatch = 500;  // places of one request

// nullopt where a file or the map is bad; lines that are refused are reported alike.
std::optional<assets::PlacesIn> read_places(const PlaceImportOptions& options, assets::PlaceKind kind, Errors& errors) {
  const auto file = MappedFile::read(options.file, options.map, assets::kPlaceKeys, assets::kPlaceKeysRequired, errors);
  if (!file) return std::nullopt;
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  return assets::places_in(file->table, kind, now, errors);
}

Json request_of(const std::string& kind, std::span<const assets::PlaceIn> places) {
  auto list = Json::array();
  for (const auto& place : places)
    list.push_back({{"mac", inventory::text_of(place.mac)},
                    {"switch", place.switch_name},
                    {"port", place.port},
                    {"seconds", std::chrono::floor<std::chrono::seconds>(place.time).time_since_epoch().count()}});
  return {{"op", "place.import"}, {"source", kind}, {"places", std::move(list)}};
}

}  // namespace

ExitCode place_import(const Context& context, const PlaceImportOptions& options) {
  const auto kind = options.kind == "radius" ? assets::PlaceKind::kRadius : assets::PlaceKind::kSwitchTable;
  Errors errors;
  const auto in = read_places(options, kind, errors);
  if (!errors.empty()) {
    print_problems(context, errors);
    return in ? kAnswerIsNo : kBadInput;
  }
  std::uint64_t placed = 0, unknown = 0;
  for (std::size_t at = 0; !options.dry_run && at < in->places.size(); at += kBatch) {
    const auto count = std::min(kBatch, in->places.size() - at);
    const auto answer = ask(context, request_of(options.kind, std::span(in->places).subspan(at, count)));
    if (!answer) return answer.error();
    placed += number(*answer, "placed");
    unknown += number(*answer, "unknown");
  }
  if (context.json) {
    print_line({{"source", options.kind},
                {"places", in->places.size()},
                {"uplinks", in->uplinks},
                {"passed_over", in->passed_over},
                {"placed", options.dry_run ? Json(nullptr) : Json(placed)},
                {"unknown", options.dry_run ? Json(nullptr) : Json(unknown)}});
    return kFine;
  }
  fmt::print(
      "{} MACs with a place; {} MACs passed over, since they stand on uplinks or on two ports alike ({} ports with "
      "more than {} MACs)\n",
      in->places.size(), in->passed_over, in->uplinks, assets::kMostMacs);
  if (options.dry_run)
    fmt::print("Nothing was told to the daemon.\n");
  else
    fmt::print("{} devices have the place now; {} MACs were never seen\n", placed, unknown);
  return kFine;
}

}  // namespace wardline::cli
