#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "controlplane/policy/policy.h"
#include "tests/unit/signature_cache.h"

namespace wardline::policy {

// The shipped policy: the folder that meson names, or the one of the working directory.
inline std::string shipped_policy() {
  const char* given = std::getenv("WARDLINE_POLICIES");
  return given != nullptr ? given : "policies";
}

enum class Fingerprints { kLeft, kCopied };

// A copy of the shipped policy that a test may break. Compiled signatures are kept between tests. The thousand shipped
// fingerprints take longer to read than all else, and most tests are not about them.
class PolicyCopy {
 public:
  explicit PolicyCopy(Fingerprints fingerprints = Fingerprints::kLeft) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "." + test->name();
    for (char& c : name) c = c == '/' ? '-' : c;
    folder_ = std::filesystem::path(testing::TempDir()) / ("wardline-policy-" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(shipped_policy(), folder_, std::filesystem::copy_options::recursive);
    if (fingerprints == Fingerprints::kLeft) std::filesystem::remove_all(folder_ / "fingerprints");
  }
  ~PolicyCopy() { std::filesystem::remove_all(folder_); }

  std::string folder() const { return folder_.string(); }
  std::string read(const std::string& file) const {
    std::ifstream in(folder_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }
  // Replaces what must stand there once or more, at its first place.
  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    auto text = read(file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " does not stand in " << file;
    write(file, text.replace(at, from.size(), to));
  }
  void remove(const std::string& file) const { std::filesystem::remove(folder_ / file); }

  std::expected<std::shared_ptr<const Policy>, Errors> load() { return load({}); }
  std::expected<std::shared_ptr<const Policy>, Errors> load(LoadOptions options) {
    if (!slots_) slots_ = std::move(*enforce::DeviceSlots::open("", 64));
    options.numbers = slots_.get();
    options.bundles.clear();
    options.cache_folder = test::signature_cache();
    options.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);
    return policy::load(folder(), options);
  }
  static std::string text_of(const Errors& errors) {
    std::ostringstream text;
    for (const auto& error : errors) text << error.text() << "\n";
    return text.str();
  }
  // Every problem, a line each; "" when the policy is good.
  std::string problems() {
    const auto loaded = load();
    return loaded ? "" : text_of(loaded.error());
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
};

}  // namespace wardline::policy
