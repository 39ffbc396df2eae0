#pragma once
#include <cstdint>
#include <expected>
#include <string>

#include "controlplane/signature_import/body.h"

namespace wardline::signature_import {

// One pattern of our language, and bytes of its buffer that it matches.
struct PatternText {
  std::string expression;
  bool caseless = false, negated = false;
  std::uint32_t offset = 0, depth = 0;  // of the match's end; 0: no bound
  const Buffer* buffer = nullptr;
  std::string sample;
  std::int64_t sample_from = 0, sample_to = -1;  // where the sample may begin in the buffer; -1: anywhere behind
  bool sample_ends = false;                      // it must be the last of the buffer
};

// The error says why a chain cannot be one pattern.
std::expected<PatternText, std::string> pattern_of(const Chain& chain);

}  // namespace wardline::signature_import
