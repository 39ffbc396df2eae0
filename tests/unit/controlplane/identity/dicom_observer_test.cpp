#include <gtest/gtest.h>

#include "captured.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::value_of;
using namespace std::string_literals;

std::string item(std::uint8_t type, const std::string& value) {
  return std::string{static_cast<char>(type), '\0', static_cast<char>(value.size() >> 8),
                     static_cast<char>(value.size())} +
         value;
}

std::string context(const std::string& uid) {
  return item(0x20, "\x01\x00\x00\x00"s + item(0x30, uid) + item(0x40, "1.2.840.10008.1.2"));
}

std::string associate(std::uint8_t type, std::string called, std::string calling, const std::string& items) {
  called.resize(16, ' ');
  calling.resize(16, ' ');
  const auto length = 68 + items.size();
  return std::string{static_cast<char>(type),  '\0', '\0', '\0', static_cast<char>(length >> 8),
                     static_cast<char>(length)} +
         "\x00\x01\x00\x00"s + called + calling + std::string(32, '\0') + items;
}

std::vector<Observation> observed_dicom(const std::string& bytes) {
  return observe(test::first_bytes(bytes), "dicom");
}

struct CapturedDicom {
  const char* file;
  const char* device;
  std::uint16_t port;
  const char* ae_title;
  const char* implementation;
  const char* services;
};

class DicomCaptures : public testing::TestWithParam<CapturedDicom> {};

TEST_P(DicomCaptures, NameTheDeviceThatAskedOrAccepted) {
  const auto& expected = GetParam();
  WARDLINE_FRAMES_OR_SKIP(frames, expected.file);
  const auto told = observe(test::first_bytes_of(frames, expected.device, expected.port), "dicom");
  EXPECT_EQ(value_of(told, "dicom.ae_title"), expected.ae_title);
  EXPECT_EQ(value_of(told, "dicom.implementation"), expected.implementation);
  EXPECT_EQ(value_of(told, "dicom.services"), expected.services);
}

constexpr const char* kEcho362 = "OFFIS_DCMTK_362";
constexpr const char* kDcmtk = "OFFIS_DCMTK_367";

INSTANTIATE_TEST_SUITE_P(
    Medical, DicomCaptures,
    testing::Values(CapturedDicom{"medical/dicom-c-echo-nonstd-port-4242.pcap", "192.168.1.68", 4242, "ECHOSCU",
                                  kEcho362, "verification"},
                    CapturedDicom{"medical/gen-dicom-abort.pcap", "10.77.10.21", 104, "CT01", kDcmtk, "verification"},
                    CapturedDicom{"medical/gen-dicom-mwl-find.pcap", "10.77.10.21", 6104, "US01", kDcmtk, "worklist"},
                    CapturedDicom{"medical/gen-dicom-mwl-find.pcap", "10.77.20.10", 6104, "RIS", kDcmtk, ""},
                    CapturedDicom{"medical/gen-dicom-find-and-move-ws-pacs-ct.pcap", "10.77.30.5", 104, "WS_READ1",
                                  kDcmtk, "query"},
                    // Its request of 12 KB is cut off in the copy: the titles stand at its start, the maker at its end.
                    CapturedDicom{"medical/gen-dicom-c-store-ct01-pacs1.pcap", "10.77.10.21", 104, "CT01", "",
                                  "storage"},
                    CapturedDicom{"medical/gen-dicom-assoc-reject-called-ae.pcap", "10.77.20.10", 104, "", "", ""}));

TEST(DicomObserver, NamesTheModalityOfOneThatStoresOneKind) {
  const auto told =
      observed_dicom(associate(1, "PACS1", "CT01",
                               context("1.2.840.10008.5.1.4.1.1.2\0"s) + context("1.2.840.10008.5.1.4.1.1.7") +
                                   context("1.2.840.10008.5.1.4.31")));
  EXPECT_EQ(value_of(told, "dicom.modality"), "CT,SC");
  EXPECT_EQ(value_of(told, "dicom.services"), "storage,worklist");
}

TEST(DicomObserver, NamesNoModalityFromHalfAList) {
  auto bytes =
      associate(1, "PACS1", "CT01", context("1.2.840.10008.5.1.4.1.1.2") + context("1.2.840.10008.5.1.4.1.1.4"));
  bytes.resize(bytes.size() - 40);
  const auto told = observed_dicom(bytes);
  EXPECT_EQ(value_of(told, "dicom.ae_title"), "CT01");
  EXPECT_EQ(value_of(told, "dicom.modality"), "");
}

TEST(DicomObserver, NamesNoModalityOfAToolkitThatOffersEverything) {
  std::string items;
  for (const char* kind : {"1", "2", "4", "6.1", "20", "128"}) items += context("1.2.840.10008.5.1.4.1.1."s + kind);
  EXPECT_EQ(value_of(observed_dicom(associate(1, "PACS1", "ANY", items)), "dicom.modality"), "");
}

TEST(DicomObserver, TheAcceptingDeviceIsTheCalledOne) {
  EXPECT_EQ(value_of(observed_dicom(associate(2, "PACS1", "CT01", "")), "dicom.ae_title"), "PACS1");
}

TEST(DicomObserver, SaysNothingOfTheFarEnd) {
  auto copy = test::first_bytes(associate(1, "PACS1", "CT01", ""));
  copy.side = Side::kCore;
  EXPECT_TRUE(observe(copy, "dicom").empty());
}

TEST(DicomObserver, ReadsNothingBeyondTheAssociation) {
  const auto patient = item(0x20, "\x01\x00\x00\x00"s + item(0x30, "1.2.840.10008.5.1.4.1.1.2"));
  const auto told = observed_dicom(associate(1, "PACS1", "CT01", "") + patient);
  EXPECT_EQ(value_of(told, "dicom.services"), "");
}

TEST(DicomObserver, ItemsWhoseLengthsContradictTheirContainersAreHarmless) {
  const auto whole = associate(
      1, "PACS1", "CT01", context("1.2.840.10008.5.1.4.1.1.2") + item(0x50, item(0x52, "1.2.3") + item(0x55, "A")));
  for (std::size_t length = 0; length <= whole.size(); ++length) observed_dicom(whole.substr(0, length));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bent = whole;
    bent[at] = '\xff';
    for (const auto& observation : observed_dicom(bent)) EXPECT_LE(observation.value.size(), 256U);
  }
  EXPECT_EQ(value_of(observed_dicom(whole), "dicom.implementation"), "A");
  EXPECT_EQ(value_of(observed_dicom(whole), "dicom.implementation_uid"), "1.2.3");
}

TEST(DicomObserver, EscapesATitleThatWouldForgeALogLine) {
  EXPECT_EQ(value_of(observed_dicom(associate(1, "PACS1", "CT\n\x1b[31m\xc3\x28", "")), "dicom.ae_title"),
            "CT\\u000a\\u001b[31m\\xc3(");
}

}  // namespace
}  // namespace wardline::identity
