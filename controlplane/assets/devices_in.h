#pragma once
#include <string>
#include <vector>

#include "controlplane/assets/column_map.h"
#include "controlplane/policy/policy.h"

namespace wardline::assets {

// The keys that the map of an asset import may name.
std::vector<std::string_view> asset_keys();

// Names that a register may use; an empty list accepts any.
struct KnownNames {
  std::vector<std::string> classes, segments;
};

struct DevicesIn {
  std::vector<policy::RegisterEntry> devices;
  std::vector<policy::RegisterEntry> passed_over;  // skipped or refused lines: id and MACs alone, as far as they go
};

// The devices of an export, each checked by itself and against the others: `at` is its line in the CSV file. Every line
// that is refused is reported with all that is wrong with it, and gives no device.
DevicesIn devices_in(const MappedTable& table, const KnownNames& known, Errors& errors);

// Whether a serial number is one: "n/a", "unknown", "-" and zeros stand where there is none.
bool tells_apart(std::string_view serial);

// A MAC as exports write it: six pairs with `:` or `-`, three groups of four with `.`, or twelve digits.
std::optional<Mac> read_written_mac(std::string_view text);

}  // namespace wardline::assets
