#pragma once
#include <gtest/gtest.h>

#include "controlplane/policy/signatures.h"
#include "tests/unit/signature_cache.h"

namespace wardline::classify {

// The signatures that Wardline ships, loaded once a program.
inline const policy::SignatureSet& shipped() {
  static const auto set = [] {
    Errors errors;
    auto loaded = policy::load_signatures(WARDLINE_POLICIES "/signatures", "signatures/", test::signature_cache(), 1, errors);
    for (const auto& error : errors) ADD_FAILURE() << error.text();
    return loaded;
  }();
  return set;
}

}  // namespace wardline::classify
