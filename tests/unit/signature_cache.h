#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace wardline::test {

// The folder of compiled signatures that all test programs share, so that the shipped ones are compiled once a machine.
// How they are compiled and kept is the subject of tests/unit/dataplane/classify.
inline std::string signature_cache() {
  const auto folder = std::filesystem::path(testing::TempDir()) / "wardline-signature-cache";
  std::filesystem::create_directories(folder);
  return folder.string();
}

}  // namespace wardline::test
