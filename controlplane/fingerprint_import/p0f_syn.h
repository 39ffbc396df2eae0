#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::fingerprint_import {

// A signature of [tcp:request] over `tcp.syn`, and an opening that it matches.
struct SynPattern {
  std::string pattern, example;
};

// The error says why it cannot be told so.
std::expected<SynPattern, std::string> syn_pattern_of(std::string_view signature);

// `text` in the parts between the marks; one part more than there are marks.
std::vector<std::string_view> parts_of(std::string_view text, char mark);

}  // namespace wardline::fingerprint_import
