#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "controlplane/assets/register_text.h"

namespace wardline::assets {

enum class Outcome : std::uint8_t { kAdded, kChanged, kLeft };
std::string_view text_of(Outcome outcome);  // added | changed | left

struct Change {
  std::string key, before, after;
};

// What becomes of one line of an export.
struct Merged {
  policy::Location at;        // in the export
  std::string id, export_id;  // of the register; of the export
  Outcome outcome = Outcome::kLeft;
  std::vector<Change> changes;
  std::vector<std::string> notices;  // what a person should look at
};

// Brings the devices of an export into the register. An entry is a device's by id, else by a MAC, else by serial
// number where no MAC and no vendor speaks against it. What the export says stands; what it does not say stays, and so
// do ids and further MACs. What a note says to have been replaced does not come back. A line that
// may be two entries, and lines that are one entry together, change nothing and are each reported to `conflicts`: a
// person has to say what is meant.
std::vector<Merged> merge(const std::vector<policy::RegisterEntry>& devices, RegisterText& into, Errors& conflicts);

// How many entries none of `merged` is and none of `lines` names by id or MAC.
std::size_t not_in_export(std::span<const policy::RegisterEntry> entries, const std::vector<Merged>& merged,
                          std::span<const policy::RegisterEntry> lines);

}  // namespace wardline::assets
