// The power class of devices that are powered over their cable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kDay = 86'400;

WallTime second(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

struct PowerClass : testing::Test {
  void says(std::string attribute, std::string value, int first, int last) {
    device.id = "phone-1";
    inventory::Evidence evidence;
    evidence.source = "lldp";
    evidence.attribute = std::move(attribute);
    evidence.value = std::move(value);
    evidence.first_seen = second(first);
    evidence.last_seen = second(last);
    device.evidence.push_back(evidence);
  }
  Conditions found(int now) const {
    Conditions out;
    check_power(device, {.policy = policy, .now = second(now)}, out);
    return out;
  }

  policy::Policy policy;
  inventory::Device device;
};

TEST_F(PowerClass, AnotherClassThanBeforeIsToldForAMonth) {
  says("lldp.power_class", "2", 100, 5000);
  EXPECT_THAT(found(5010), IsEmpty());
  says("lldp.power_class", "4", 6000, 6030);
  const auto told = found(6040);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, "power_class_changed");
  EXPECT_THAT(told[0].explanation,
              HasSubstr("phone-1 asks for power of class 4 over its cable since 1970-01-01 01:40:00 "
                        "UTC, before that for class 2"));
  EXPECT_THAT(told[0].evidence, ElementsAre("lldp.power_class = 2", "lldp.power_class = 4"));
  EXPECT_THAT(found(6000 + 31 * kDay), IsEmpty());
}

TEST_F(PowerClass, TheFormerClassEndsIt) {
  says("lldp.power_class", "2", 100, 9000);
  says("lldp.power_class", "4", 6000, 6030);
  EXPECT_THAT(found(9010), IsEmpty());
}

TEST_F(PowerClass, WattsCountByTheirClassAndOnlyWhereNoClassIsSaid) {
  says("lldp.power", "4.1 W", 100, 5000);
  says("lldp.power", "6.4 W", 6000, 6030);
  EXPECT_THAT(found(6040), IsEmpty()) << "both are of class 2";
  says("lldp.power", "12.9 W", 7000, 7030);
  EXPECT_EQ(found(7040).size(), 1U);
  says("lldp.power_class", "3", 100, 7030);
  EXPECT_THAT(found(7040), IsEmpty());
}

}  // namespace
}  // namespace wardline::findings
