#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;

const std::string kHello =
    "<?xml version=\"1.0\"?>\r\n<HEL.R01><HDR><HDR.message_type V=\"HEL.R01\"/></HDR>"
    "<DEV><DEV.device_id V=\"00-11-22\"/><DEV.vendor_id V=\"MAKER\"/><DEV.model_id V='GLU-2'/>"
    "<DEV.serial_id V=\"SN0042\"/><DEV.sw_version V=\"5.1\"/></DEV></HEL.R01>";
const std::string kResult = "<OBS.R01><PT><PT.patient_id V=\"135769\"/><PT.name V=\"MOUSE\"/></PT></OBS.R01>";

TEST(Poct1aObserver, AHelloTellsVendorModelSerialAndFirmware) {
  const auto told = observed("poct1-a", By::kClient, kHello + kResult);
  EXPECT_EQ(value_of(told, "poct1a.vendor"), "MAKER");
  EXPECT_EQ(value_of(told, "poct1a.model"), "GLU-2");
  EXPECT_EQ(value_of(told, "poct1a.serial"), "SN0042");
  EXPECT_EQ(value_of(told, "poct1a.firmware"), "5.1");
  EXPECT_EQ(told.size(), 4U);
}

TEST(Poct1aObserver, NothingIsReadOfAResult) {
  EXPECT_TRUE(observed("poct1-a", By::kClient, kResult + kHello).empty());
  // Not even what a result calls the device's.
  EXPECT_TRUE(observed("poct1-a", By::kClient, "<OBS.R01><DEV.vendor_id V=\"135769\"/></OBS.R01>").empty());
}

TEST(Poct1aObserver, AHelloThatNeverEndsGivesNoOthersValue) {
  EXPECT_TRUE(observed("poct1-a", By::kClient, "<HEL.R01><DEV.vendor_id><X V=\"no\"/>").empty());
}

TEST(Poct1aObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("poct1-a", By::kClient, kHello);
}

}  // namespace
}  // namespace wardline::identity
