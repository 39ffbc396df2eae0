#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "dataplane/error.h"

// Rules of Suricata and Snort as signatures of ours: `wardline signature import`.
namespace wardline::signature_import {

// What became of one rule.
struct Outcome {
  std::uint32_t line = 0;
  std::string sid, title;
  bool carried = false;
  std::string reason;              // why it was not carried over
  std::vector<std::string> notes;  // what was left out of one that was
};

struct Import {
  std::vector<Outcome> outcomes;  // in the order of the file
  std::string yaml;               // a signature file; "" when nothing was carried over
  std::uint32_t disabled = 0;     // rules that are commented out
  std::size_t carried() const;
};

// Converts, and checks each signature by its own example as `policy check` would, with the engine that will run it:
// what does not find its own example is refused, never carried over approximately. `file` is named as the source.
Import import_rules(const std::string& text, const std::string& file);

}  // namespace wardline::signature_import
