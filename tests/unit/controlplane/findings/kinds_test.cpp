#include "controlplane/findings/kinds.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace wardline::findings {
namespace {

TEST(Kinds, EachIsThereOnceAndIsFoundByItsName) {
  std::set<std::string_view> seen;
  for (const auto& kind : kinds()) {
    EXPECT_TRUE(seen.insert(kind.id).second) << kind.id;
    EXPECT_EQ(kind_named(kind.id), &kind);
  }
  EXPECT_EQ(kind_named("no_such_kind"), nullptr);
}

TEST(Kinds, EachSeverityIsAWordOfTheRecords) {
  const std::set<std::string_view> words{"info", "low", "medium", "high", "critical"};
  for (const auto& kind : kinds()) EXPECT_TRUE(words.contains(kind.severity)) << kind.id;
}

TEST(Kinds, ThePageForPeopleIsThatOfTheTable) {
  std::ifstream file(WARDLINE_SOURCE_ROOT "/docs/findings.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), manual()) << "run scripts/docs";
}

}  // namespace
}  // namespace wardline::findings
