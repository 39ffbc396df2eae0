// What patient monitors say to their ward: the connect indication of IntelliVue, discovery and time of CARESCAPE.
#include <gmock/gmock.h>

#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity::test {
namespace {

std::string attribute(unsigned number, const std::string& value) {
  return u16(number) + u16(static_cast<unsigned>(value.size())) + value;
}

std::string wide(std::string_view text) {
  std::string value;
  for (const char c : text) value += u16(static_cast<unsigned char>(c));
  return value;
}

// Nomenclature, operation, event report of object class 35, and the attributes.
std::string indication(const std::vector<std::string>& attributes, unsigned event = 0x0d17) {
  std::string list;
  for (const auto& each : attributes) list += each;
  return u32(0x100) + u16(1) + u16(100) + u16(0) + u16(0) + u16(90) + u16(0x23) + u32(0) + u32(0x00d6d400) +
         u16(event) + u16(80) + u16(static_cast<unsigned>(attributes.size())) +
         u16(static_cast<unsigned>(list.size())) + list;
}

const std::string kAddress =
    attribute(0xf100, std::string("\x00\x09\xfb\x12\x34\x56\x0a\x01\x02\x03\xff\xff\xff\x00", 14));
const std::string kWhole =
    indication({attribute(0x0986, u32(0x1114d)), kAddress, attribute(0xf135, wide("ICU 12") + u32(0))});

TEST(IntellivueObserver, AConnectIndicationNamesTheMonitorsMacAndItsBed) {
  const auto told = told_of(observe_intellivue, kWhole);
  EXPECT_EQ(value_of(told, "intellivue.mac"), "00:09:fb:12:34:56");
  EXPECT_EQ(value_of(told, "intellivue.bed"), "ICU 12");
}

TEST(IntellivueObserver, AnotherEventTellsNothing) {
  EXPECT_THAT(told_of(observe_intellivue, indication({kAddress}, 0x0d06)), testing::IsEmpty());
}

TEST(IntellivueObserver, AnAddressThatIsTooShortTellsNothing) {
  EXPECT_THAT(told_of(observe_intellivue, indication({attribute(0xf100, "abc")})), testing::IsEmpty());
}

TEST(IntellivueObserver, StandsUpToHostileBytes) {
  expect_cuts_tell_no_other(observe_intellivue, kWhole);
  expect_bent_bytes_are_harmless(observe_intellivue, kWhole);
}

std::string time_message(const std::string& unit, const std::string& room) {
  std::string message(64, '\0');
  message.replace(6, 4, std::string("\x7e\x12\x34\x56", 4));
  message.replace(24, unit.size(), unit);
  message.replace(31, room.size(), room);
  return message;
}

TEST(CarescapeObserver, ATimeMessageNamesAddressUnitAndRoom) {
  const auto told = told_of(observe_carescape, time_message("ICU1", "B12"));
  EXPECT_EQ(value_of(told, "carescape.address"), "126.18.52.86");
  EXPECT_EQ(value_of(told, "carescape.unit"), "ICU1");
  EXPECT_EQ(value_of(told, "carescape.room"), "B12");
}

TEST(CarescapeObserver, ATimeMessageMayHaveABarBetweenUnitAndRoom) {
  const auto told = told_of(observe_carescape, time_message("ICU|B1", ""));
  EXPECT_EQ(value_of(told, "carescape.unit"), "ICU");
  EXPECT_EQ(value_of(told, "carescape.room"), "B1");
}

std::string discovery(const std::string& place, const std::string& patient = "") {
  std::string message = u32(0x01040000) + u32(0x7e123456) + u32(0x5a40cdc0) + std::string(88 - 12, '\0');
  message.replace(12, place.size(), place);
  message.replace(28, patient.size(), patient);
  return message;
}

TEST(CarescapeObserver, ADiscoveryMessageNamesAddressUnitAndBedAndNoPatient) {
  const auto told = told_of(observe_carescape, discovery("ICU1|B-02", "DOE,JANE"));
  EXPECT_EQ(value_of(told, "carescape.address"), "126.18.52.86");
  EXPECT_EQ(value_of(told, "carescape.unit"), "ICU1");
  EXPECT_EQ(value_of(told, "carescape.room"), "B-02");
  EXPECT_THAT(told, testing::SizeIs(3));
  const auto full = told_of(observe_carescape, discovery("ICU1111|BED12345", "DOE,JANE"));
  EXPECT_EQ(value_of(full, "carescape.room"), "BED12345") << "no zero stands between it and the name";
}

TEST(CarescapeObserver, TextWithoutABarMayBeAnyones) {
  for (const auto* text : {"DOE,JANE", "DOE,JANE|A", "|", ""})
    EXPECT_THAT(told_of(observe_carescape, discovery(text)), testing::SizeIs(1)) << text;
}

TEST(CarescapeObserver, AMessageOfAnotherLengthTellsNothing) {
  EXPECT_THAT(told_of(observe_carescape, time_message("ICU1", "B12") + "x"), testing::IsEmpty());
  EXPECT_THAT(told_of(observe_carescape, ""), testing::IsEmpty());
}

TEST(CarescapeObserver, StandsUpToHostileBytes) {
  expect_bent_bytes_are_harmless(observe_carescape, time_message("ICU1111", "B12222"));
  expect_bent_bytes_are_harmless(observe_carescape, discovery("ICU1111|B12222", "DOE,JANE"));
}

}  // namespace
}  // namespace wardline::identity::test
