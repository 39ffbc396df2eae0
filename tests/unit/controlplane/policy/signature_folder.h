#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "controlplane/policy/signatures.h"

namespace wardline::policy {

// A folder of signatures that a test writes, and what loading it says.
class Signatures : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "wardline-signatures-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((std::filesystem::path(folder_) / name).parent_path());
    std::ofstream(std::filesystem::path(folder_) / name) << text;
  }
  SignatureSet load() {
    errors_.clear();
    return load_signatures(folder_, "signatures/", "", 1, errors_);
  }
  std::vector<std::string> problems() {
    load();
    std::vector<std::string> texts;
    for (const auto& error : errors_) texts.push_back(error.text());
    return texts;
  }

  std::string folder_;
  Errors errors_;
};

// A good signature; `lines` are more keys, `pattern` and the examples may be replaced.
inline std::string one(const std::string& id, const std::string& proves, const std::string& pattern = "'^HELLO'",
                       const std::string& lines = "", const std::string& match = "'HELLO'",
                       const std::string& no_match = "'OTHER'") {
  return "  - id: " + id + "\n    " + proves + "\n    transport: [tcp]\n    side: client\n" +
         (pattern.empty() ? "" : "    pattern: " + pattern + "\n") + "    source: \"RFC 1\"\n" + lines +
         "    examples:\n      match: [" + match + "]\n      no_match: [" + no_match + "]\n";
}

}  // namespace wardline::policy
