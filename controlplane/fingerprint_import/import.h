#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/fingerprint_import/database.h"
#include "dataplane/error.h"

// Public databases of fingerprints as fingerprints of ours: `wardline fingerprint import`.
namespace wardline::fingerprint_import {

// What became of one entry. All texts are fit to be shown.
struct Outcome {
  std::uint32_t line = 0;
  std::string title;
  bool carried = false;
  std::string reason;              // why it was not carried over
  std::vector<std::string> notes;  // what was left out of one that was
};

struct Import {
  Format format = Format::kP0f;
  std::vector<Outcome> outcomes;  // in the order of the file
  std::string yaml;               // a file of fingerprints; "" when nothing was carried over
  std::size_t fingerprints = 0;   // in `yaml`: entries that ask for the same value are one
  std::size_t carried() const;
};

// Converts, and checks each fingerprint as `policy check` would. Where entries ask for the same value, what all of them
// say is kept; where they agree on nothing all are refused. `file` is named as the source.
Result<Import> import_database(const std::string& text, const std::string& file, std::optional<Format> expected);

}  // namespace wardline::fingerprint_import
