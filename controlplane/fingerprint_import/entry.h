#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace wardline::fingerprint_import {

// What an entry of a database says, in the words of fingerprints/NAME.yaml.
struct Fingerprint {
  std::string attribute, pattern;                         // RE2 over the values of one attribute
  std::vector<std::pair<std::string, std::string>> sets;  // `\1` stands for a group of the pattern
  std::vector<std::string> examples;                      // values that it must match
  std::vector<std::string> notes;                         // what was left out, and does no harm
};

struct Entry {
  std::uint32_t line = 0;  // of the file
  std::string title;
  std::expected<Fingerprint, std::string> told;  // or why it cannot be carried over
};

}  // namespace wardline::fingerprint_import
