#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using enforce::Profile;
using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

// An opening as nmap makes it (window 1024, a segment size, 57 hops left), of 10.20.0.11 to 10.40.0.9.
constexpr std::uint8_t kScan[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x02, 0x00, 0x00, 0x00, 0x00, 0x0b,
                                  0x08, 0x00, 0x45, 0x00, 0x00, 0x2c, 0x12, 0x34, 0x00, 0x00, 0x39, 0x06,
                                  0x00, 0x00, 0x0a, 0x14, 0x00, 0x0b, 0x0a, 0x28, 0x00, 0x09, 0xc3, 0x50,
                                  0x00, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x60, 0x02,
                                  0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4};

// A pump that is quarantined without a person, and a machine that has taken its MAC.
struct CopiedDevice : testing::Test {
  static constexpr std::uint8_t kPump = 11;

  std::shared_ptr<policy::Policy> unattended() {
    auto policy = site.policy();
    policy->plain.classes[HandMade::kPump].approval_required = false;
    return policy;
  }
  void use(std::shared_ptr<const policy::Policy> policy) {
    site.use(std::move(policy));
    site.put(site.event(EventKind::kDeviceSeen, kPump));
    site.drain();
  }
  void scan() {
    FrameCopy copy;
    copy.segment = HandMade::kRooms;
    copy.slot = site.slot_of(kPump);
    copy.device_mac = Mac{{2, 0, 0, 0, 0, kPump}};
    copy.time = site.now;
    copy.length = sizeof kScan;
    std::ranges::transform(kScan, copy.bytes.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
    site.put(copy);
    site.drain();
  }
  Profile in_word() const { return site.slots->word(site.slot_of(kPump)).quarantine; }
  // The field of every record of a type that went out, in order.
  std::vector<std::string> told(std::string_view type, const char* field, const char* kind = nullptr) {
    std::vector<std::string> list;
    for (const auto& text : site.records(type)) {
      const auto json = Json::parse(text);
      if (kind == nullptr || json["kind"] == kind) list.push_back(json[field]);
    }
    return list;
  }

  HandMade site;
};

TEST_F(CopiedDevice, ItIsContainedByTheFirstFrameThatShowsIt) {
  use(unattended());
  scan();
  EXPECT_THAT(told("finding", "subject", "forged_mac"), ElementsAre("scanner"));
  EXPECT_EQ(in_word(), Profile::kContain);
  EXPECT_THAT(told("quarantine", "state"), ElementsAre("active"));
  EXPECT_THAT(told("quarantine", "reason")[0], testing::StartsWith("forged_mac: "));
}

TEST_F(CopiedDevice, APersonsWordOutlivesTheFinding) {
  use(unattended());
  scan();
  site.ask(R"({"op":"quarantine.release","id":")" + HandMade::id_of(kPump) + "\"}");
  site.tick(60 * kSecond);
  scan();
  EXPECT_EQ(in_word(), Profile::kNone);
  site.tick(25 * 3600 * kSecond);
  for (int minute = 0; minute < 3; ++minute) site.tick(60 * kSecond);
  EXPECT_THAT(told("finding", "state", "forged_mac"), ElementsAre("open", "resolved"));
  scan();
  EXPECT_THAT(told("finding", "state", "forged_mac"), ElementsAre("open", "resolved", "open"));
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(told("quarantine", "state"), ElementsAre("active", "released"));
}

// The evidence is old; what is new is a policy by which it counts.
TEST_F(CopiedDevice, APolicyThatComesIntoForceLimitsNobody) {
  auto policy = unattended();
  policy->segments[HandMade::kRooms].mode = enforce::Mode::kMonitor;
  policy->plain.segments[HandMade::kRooms].mode = enforce::Mode::kMonitor;
  use(policy);
  scan();
  site.use(unattended());
  for (int minute = 0; minute < 3; ++minute) site.tick(60 * kSecond);
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(site.records("quarantine"), IsEmpty());
}

TEST_F(CopiedDevice, WhereAPersonDecidesItIsAskedAndNothingIsCut) {
  use(site.policy());
  scan();
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(told("quarantine", "state"), ElementsAre("pending"));
}

TEST_F(CopiedDevice, OneThatIsHeldIsOnlyTold) {
  use(unattended());
  site.ask(R"({"op":"hold","device":")" + HandMade::id_of(kPump) + "\"}");
  scan();
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(told("finding", "subject", "forged_mac"), ElementsAre("scanner"));
  EXPECT_THAT(site.records("quarantine"), IsEmpty());
}

TEST_F(CopiedDevice, InMonitorModeItIsOnlyTold) {
  auto policy = unattended();
  policy->segments[HandMade::kRooms].mode = enforce::Mode::kMonitor;
  policy->plain.segments[HandMade::kRooms].mode = enforce::Mode::kMonitor;
  use(policy);
  scan();
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(told("finding", "subject", "forged_mac"), ElementsAre("scanner"));
  EXPECT_THAT(site.records("quarantine"), IsEmpty());
}

TEST_F(CopiedDevice, WithoutBudgetForQuarantinesItIsOnlyTold) {
  auto policy = unattended();
  policy->quarantine_budget.class_per_hour = 0;
  use(policy);
  scan();
  EXPECT_EQ(in_word(), Profile::kNone);
  EXPECT_THAT(site.records("quarantine"), IsEmpty());
}

}  // namespace
}  // namespace wardline::appliance
