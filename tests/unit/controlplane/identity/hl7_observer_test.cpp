#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::value_of;

std::vector<Observation> observed_hl7(const std::string& bytes) {
  return observe(test::first_bytes(bytes), "hl7-mllp");
}

const std::string kHeader = "\x0bMSH|^~\\&|PUMPGW|ICU4B|EHR|HOSP|20261121||ORU^R01^ORU_R01|1|P|2.6\r";

struct CapturedHl7 {
  const char* file;
  const char* device;
  std::uint16_t port;
  const char* sender;
  const char* hl7_device;
  const char* message;
};

class Hl7Captures : public testing::TestWithParam<CapturedHl7> {};

TEST_P(Hl7Captures, NameTheSenderAndItsDevice) {
  const auto& expected = GetParam();
  WARDLINE_FRAMES_OR_SKIP(frames, expected.file);
  const auto told = observe(test::first_bytes_of(frames, expected.device, expected.port), "hl7-mllp");
  EXPECT_EQ(value_of(told, "hl7.sender"), expected.sender);
  EXPECT_EQ(value_of(told, "hl7.device"), expected.hl7_device);
  EXPECT_EQ(value_of(told, "hl7.message"), expected.message);
}

INSTANTIATE_TEST_SUITE_P(
    Medical, Hl7Captures,
    testing::Values(CapturedHl7{"medical/gen-hl7-pcd01-oru-five-messages.pcap", "10.77.11.40", 2575,
                                "TESTMON_GW@TESTHOSP", "ABCDEF0123456789", "ORU^R01^ORU_R01"},
                    CapturedHl7{"medical/hl7-mllp-adt-udi-obx-hospira.pcap", "10.0.0.155", 6661,
                                "SENDING_APPLICATION@SENDING_FACILITY", "Hospira Plum A+", "ADT^A01"},
                    CapturedHl7{"medical/hl7-mllp-adt-a01.pcap", "10.0.0.155", 6661,
                                "SENDING_APPLICATION@SENDING_FACILITY", "", "ADT^A01"},
                    CapturedHl7{"medical/hl7-mllp-oru-r01-two-segments.pcap", "10.0.0.155", 6661,
                                "SendingApp@SendingFac", "", "ORU^R01"}));

TEST(Hl7Observer, NeverTellsAnythingOfAPatient) {
  WARDLINE_FRAMES_OR_SKIP(frames, "medical/hl7-mllp-adt-a01.pcap");
  for (const auto& observation : observe(test::first_bytes_of(frames, "10.0.0.155", 6661), "hl7-mllp")) {
    EXPECT_EQ(observation.value.find("MOUSE"), std::string::npos) << observation.attribute;
    EXPECT_EQ(observation.value.find("135769"), std::string::npos) << observation.attribute;
  }
}

TEST(Hl7Observer, TellsNoFieldButItsOwnWhenSegmentsAreMixedUp) {
  const auto told = observed_hl7(kHeader + "PID|1||135769||MOUSE^MICKEY|||||||||||||SECRET18\rOBXPID|1|2\r" +
                                 "ZPI|||||||||||||||||SECRET\r");
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[0].value, "PUMPGW@ICU4B");
  EXPECT_EQ(value_of(told, "hl7.version"), "2.6");
}

TEST(Hl7Observer, TellsNoFreeTextThatStandsInPlaceOfTheMessageType) {
  const auto told = observed_hl7("\x0bMSH|^~\\&|A|B|C|D|t||Mouse, Mickey|1|P|born 1928\r");
  EXPECT_EQ(value_of(told, "hl7.message"), "");
  EXPECT_EQ(value_of(told, "hl7.version"), "");
  EXPECT_EQ(value_of(told, "hl7.sender"), "A@B");
}

TEST(Hl7Observer, DoesNotTellAFieldThatWasCutOff) {
  EXPECT_EQ(value_of(observed_hl7("\x0bMSH|^~\\&|PUMPGW|ICU"), "hl7.sender"), "PUMPGW");
  EXPECT_EQ(value_of(observed_hl7(kHeader + "OBX|1|||||||||||||||||ABCD"), "hl7.device"), "");
  EXPECT_EQ(value_of(observed_hl7(kHeader + "OBX|1|||||||||||||||||ABCD\r"), "hl7.device"), "ABCD");
  EXPECT_EQ(value_of(observed_hl7(kHeader + "OBX|1|||||||||||||||||ABCD^ns~EFGH|"), "hl7.device"), "ABCD");
}

TEST(Hl7Observer, FollowsTheSeparatorsThatTheSenderChose) {
  EXPECT_EQ(value_of(observed_hl7("\x0bMSH#*~\\&#GW*1#WARD#\r"), "hl7.sender"), "GW@WARD");
}

TEST(Hl7Observer, EveryCutAndEveryChangedByteIsHarmless) {
  const auto whole = kHeader + "OBX|1|||||||||||||||||ABCD^x~y|\r\x1c\r";
  for (std::size_t length = 0; length <= whole.size(); ++length) observed_hl7(whole.substr(0, length));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\xff', '|', '\r', '\x1c'}) {
      auto bent = whole;
      bent[at] = byte;
      for (const auto& observation : observed_hl7(bent)) EXPECT_LE(observation.value.size(), 256U);
    }
  }
}

TEST(Hl7Observer, ALongNameFillsNoMoreThanItsBound) {
  const auto told = observed_hl7("\x0bMSH|^~\\&|" + std::string(64 * 1024, 'A') + "|B|\r");
  for (const auto& observation : told) EXPECT_LE(observation.value.size(), 256U);
}

TEST(Hl7Observer, TellsAtMostFourDevicesOfOneMessage) {
  auto bytes = kHeader;
  for (int i = 0; i < 40; ++i)
    bytes +=
        "OBX|||||||||||||||||"
        "|D" +
        std::to_string(i % 20) + "|\r";
  EXPECT_EQ(std::ranges::count(observed_hl7(bytes), "hl7.device", &Observation::attribute), 4);
}

TEST(Hl7Observer, HearsNothingWithoutTheFrameOfMllp) {
  EXPECT_TRUE(observed_hl7("MSH|^~\\&|PUMPGW|ICU4B|\r").empty());
  EXPECT_TRUE(observe(test::first_bytes(kHeader), "http").empty());
}

TEST(Hl7Observer, TellsTheSoftwareOfSft) {
  const auto told = observed_hl7(kHeader + "SFT|Maker^L|4.2|Gateway|bin|info|20260101\rSFTX|no|no|no\r");
  EXPECT_EQ(value_of(told, "hl7.software"), "Gateway 4.2 Maker");
  EXPECT_EQ(value_of(observed_hl7(kHeader + "SFT||4.2"), "hl7.software"), "") << "its line has not ended";
}

TEST(Hl7Observer, TellsTheEui64OfTheEquipmentWhereverItStands) {
  const auto of = [](const std::string& equipment) {
    return observed_hl7(kHeader + "OBX|1|NM|1|1|1|1|||||R|||||||" + equipment + "\r");
  };
  EXPECT_EQ(value_of(of("PUMP^GW^0011223344556677^EUI-64"), "hl7.device_id"), "0011223344556677");
  EXPECT_EQ(value_of(of("PUMP^GW^0011223344556677^EUI-64"), "hl7.device"), "PUMP");
  EXPECT_EQ(value_of(of("^^0011223344556677^EUI-64"), "hl7.device_id"), "0011223344556677");
  EXPECT_EQ(value_of(of("00112233AABBCCDD^EUI-64~OTHER"), "hl7.device_id"), "00112233AABBCCDD");
  EXPECT_EQ(value_of(of("PUMP^GW^1.2.3^ISO"), "hl7.device_id"), "");
  EXPECT_EQ(value_of(of("PUMP^GW^MOUSE^EUI-64"), "hl7.device_id"), "") << "no number of that form";
}

TEST(Hl7Observer, TellsNoSoftwareOrEquipmentThatWasCutOff) {
  const auto segments =
      kHeader + "SFT|Maker|4.2|Gateway|x\rOBX|1|NM|1|1|1|1|||||R|||||||PUMP^GW^0011223344556677^EUI-64\r";
  for (std::size_t length = kHeader.size(); length < segments.size(); ++length) {
    const auto told = observed_hl7(segments.substr(0, length));
    for (const auto& [attribute, whole] :
         {std::pair("hl7.software", "Gateway 4.2 Maker"), std::pair("hl7.device", "PUMP"),
          std::pair("hl7.device_id", "0011223344556677")})
      EXPECT_THAT(value_of(told, attribute), testing::AnyOf("", whole)) << "cut off at " << length;
  }
}

}  // namespace
}  // namespace wardline::identity
