#pragma once
#include <cstdint>
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
  policy::Location at;  // in the export
  std::string id;       // of the register
  Outcome outcome = Outcome::kLeft;
  std::vector<Change> changes;
};

// Brings the devices of an export into the register. An entry is a device's by id, else by a MAC, else by serial
// number. What the export says stands; what it does not say stays, and so do ids and further MACs. A device that may be
// two entries is reported to `errors`.
std::vector<Merged> merge(const std::vector<policy::RegisterEntry>& devices, RegisterText& into, Errors& errors);

}  // namespace wardline::assets
