#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace wardline::test {

// The folder of test captures, which is no part of the repository: WARDLINE_SHARED/captures, else ../shared/captures
// beside it. Empty where there is none; a test then says GTEST_SKIP() << kNoCaptures.
std::filesystem::path captures();
inline constexpr const char* kNoCaptures = "no test captures: set WARDLINE_SHARED to the folder that holds captures/";

// All captures in one of its folders ("malformed") or below all of them (""), in order.
std::vector<std::filesystem::path> captures_in(const std::string& folder);

// captures/facts: one JSON object per capture.
std::vector<std::string> capture_facts();

}  // namespace wardline::test
