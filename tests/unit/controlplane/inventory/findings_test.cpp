#include "controlplane/inventory/finding.h"

#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

class StoredFindings : public StoreTest {};

Finding a_finding() {
  return {.id = "n-1",
          .kind = "duplicate_ip",
          .severity = "high",
          .device_id = "dev-1",
          .subject = "10.20.0.1",
          .explanation = "two devices use 10.20.0.1",
          .evidence = {"dev-1 at 03:00", "a \"quoted\" 'one'"},
          .first_seen = at(10),
          .last_seen = at(20)};
}

TEST_F(StoredFindings, AFindingComesBackWholeAfterARestart) {
  auto finding = a_finding();
  {
    const auto store = open();
    ASSERT_TRUE(store->save_finding(finding));
    finding.state = FindingState::kAcknowledged;
    finding.note = "being replaced";
    finding.by = "alice";
    finding.until = at(900);
    finding.count = 7;
    ASSERT_TRUE(store->save_finding(finding));
  }
  const auto found = open()->load_findings();
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 1U);
  const auto& back = found->front();
  EXPECT_EQ(back.kind, "duplicate_ip");
  EXPECT_EQ(back.subject, "10.20.0.1");
  EXPECT_EQ(back.evidence, finding.evidence);
  EXPECT_EQ(back.state, FindingState::kAcknowledged);
  EXPECT_EQ(back.note, "being replaced");
  EXPECT_EQ(back.by, "alice");
  EXPECT_EQ(back.until, at(900));
  EXPECT_EQ(back.first_seen, at(10));
  EXPECT_EQ(back.last_seen, at(20));
  EXPECT_EQ(back.count, 7U);
}

TEST_F(StoredFindings, EvidenceIsAJsonArrayForWhoeverReadsTheTable) {
  ASSERT_TRUE(open()->save_finding(a_finding()));
  EXPECT_EQ(rows("SELECT json_extract(evidence, '$[1]'), until IS NULL FROM finding"),
            std::vector<std::string>{"a \"quoted\" 'one'|1"});
}

TEST_F(StoredFindings, OneThatIsRemovedIsGone) {
  const auto store = open();
  ASSERT_TRUE(store->save_finding(a_finding()));
  ASSERT_TRUE(store->remove_finding("n-1"));
  EXPECT_TRUE(store->load_findings()->empty());
}

}  // namespace
}  // namespace wardline::inventory
