#pragma once
#include <array>
#include <string_view>

#include "dataplane/classify/expression_reader.h"

namespace wardline::classify {

// How every match of an anchored expression begins.
struct Start {
  static constexpr std::size_t kPositions = 16;

  std::array<ByteSet, kPositions> at;  // which bytes may stand there; the payload may end before
  std::size_t shortest = 0;            // no match has fewer bytes
  bool whole = false;                  // nothing else is asked: what has these bytes matches
};

// It rather says too little than too much: of what it cannot read, and of an expression that is not anchored in all its
// alternatives, that any bytes may match.
Start start_of(std::string_view expression, bool caseless);

}  // namespace wardline::classify
