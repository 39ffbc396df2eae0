#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::big16;
using test::big32;
using test::By;
using test::little16;
using test::little32;
using test::observed;
using test::value_of;
using namespace std::string_literals;

std::string tag(unsigned group, unsigned element) {
  return little16(group) + little16(element);
}

std::string plain(unsigned group, unsigned element, const std::string& value) {
  return tag(group, element) + little32(static_cast<unsigned>(value.size())) + value;
}

std::string with_vr(unsigned group, unsigned element, const std::string& vr, const std::string& value) {
  return tag(group, element) + vr + little16(static_cast<unsigned>(value.size())) + value;
}

std::string association() {
  const std::string title(16, 'A');
  return "\x01\x00"s + big32(68) + "\x00\x01\x00\x00"s + title + title + std::string(32, '\0');
}

std::string pdu(std::uint8_t control, const std::string& content) {
  const auto item = big32(static_cast<unsigned>(content.size() + 2)) + "\x01"s + static_cast<char>(control) + content;
  return "\x04\x00"s + big32(static_cast<unsigned>(item.size())) + item;
}

std::string command(std::uint16_t field, const std::string& more = "") {
  return pdu(3, plain(0, 0x0002, "1.2") + plain(0, 0x0100, little16(field)) + more);
}

constexpr std::uint16_t kStore = 1, kFind = 0x20;

const std::string kPatient = "MOUSE^MICKEY";
const std::string kExplicit =
    with_vr(8, 0x0005, "CS", "ISO_IR 100") + with_vr(8, 0x0070, "LO", "Maker ") + with_vr(8, 0x0090, "PN", "Dr^Who") +
    with_vr(8, 0x1010, "SH", "CT01") +
    // Two sequences, of undefined length and with one item each, before the model.
    tag(8, 0x1032) + "SQ\0\0"s + little32(0xffffffff) + tag(0xfffe, 0xe000) + little32(0xffffffff) +
    with_vr(8, 0x1090, "LO", "NOT ME") + tag(0xfffe, 0xe00d) + little32(0) + tag(0xfffe, 0xe0dd) + little32(0) +
    tag(8, 0x1084) + "SQ\0\0"s + little32(0xffffffff) + plain(0xfffe, 0xe000, with_vr(8, 0x1090, "LO", "NOT ME")) +
    tag(0xfffe, 0xe0dd) + little32(0) + with_vr(8, 0x1090, "LO", "Scan 9") + with_vr(0x10, 0x0010, "PN", kPatient) +
    with_vr(0x18, 0x1000, "LO", "SN42") + with_vr(0x18, 0x1020, "LO", "v3.1") + with_vr(0x20, 0x0010, "SH", "135769");
const std::string kImplicit = plain(8, 0x0005, "ISO_IR 100") + plain(8, 0x0070, "Maker ") +
                              plain(0x10, 0x0010, kPatient) + plain(0x18, 0x1000, "SN42");

std::vector<Observation> observed_store(const std::string& data_set) {
  return observed("dicom", By::kClient, association() + command(kStore) + pdu(2, data_set));
}

TEST(DicomDeviceTags, AStoredObjectTellsWhatMadeItInEitherSyntax) {
  const auto told = observed_store(kExplicit);
  EXPECT_EQ(value_of(told, "dicom.vendor"), "Maker");
  EXPECT_EQ(value_of(told, "dicom.station"), "CT01");
  EXPECT_EQ(value_of(told, "dicom.model"), "Scan 9");
  EXPECT_EQ(value_of(told, "dicom.serial"), "SN42");
  EXPECT_EQ(value_of(told, "dicom.software"), "v3.1");
  EXPECT_EQ(value_of(observed_store(kImplicit), "dicom.vendor"), "Maker");
  EXPECT_EQ(value_of(observed_store(kImplicit), "dicom.serial"), "SN42");
}

TEST(DicomDeviceTags, NoValueOfAPatientNorOfAPersonIsTold) {
  for (const auto& data_set : {kExplicit, kImplicit})
    for (const auto& told : observed_store(data_set)) {
      EXPECT_FALSE(told.value.contains("MOUSE")) << told.attribute;
      EXPECT_FALSE(told.value.contains("Who")) << told.attribute;
      EXPECT_FALSE(told.value.contains("135769")) << told.attribute;
      EXPECT_NE(told.value, "NOT ME");
    }
}

TEST(DicomDeviceTags, AnArchiveThatSendsWhatOthersMadeIsNotTheirMaker) {
  const auto moved = command(kStore, plain(0, 0x1030, "WS_READ1"));
  EXPECT_EQ(value_of(observed("dicom", By::kClient, association() + moved + pdu(2, kExplicit)), "dicom.vendor"), "");
}

TEST(DicomDeviceTags, QuestionsAndDataWithoutACommandAreNotRead) {
  EXPECT_EQ(
      value_of(observed("dicom", By::kClient, association() + command(kFind) + pdu(2, kExplicit)), "dicom.vendor"), "");
  EXPECT_EQ(value_of(observed("dicom", By::kClient, association() + pdu(2, kExplicit)), "dicom.vendor"), "");
}

TEST(DicomDeviceTags, TagsOutOfOrderEndTheWalk) {
  // Whoever puts a patient's name behind the tags of the group that follows would slip it in under a second maker.
  const auto told = observed_store(with_vr(8, 0x0070, "LO", "Maker ") + with_vr(0x10, 0x0010, "PN", kPatient) +
                                   with_vr(8, 0x1090, "LO", "late"));
  EXPECT_EQ(value_of(told, "dicom.vendor"), "Maker");
  EXPECT_EQ(value_of(told, "dicom.model"), "");
}

TEST(DicomDeviceTags, AValueTooLongForItsTagIsNotTold) {
  EXPECT_EQ(value_of(observed_store(with_vr(8, 0x0070, "LO", std::string(65, 'x'))), "dicom.vendor"), "");
}

TEST(DicomDeviceTags, SequencesWithoutEndAreHarmless) {
  std::string nested = with_vr(8, 0x0005, "CS", "ISO_IR 100");
  for (int i = 0; i < 60; ++i) nested += tag(8, 0x1032) + "SQ\0\0"s + little32(0xffffffff);
  EXPECT_EQ(value_of(observed_store(nested + with_vr(8, 0x1090, "LO", "x")), "dicom.model"), "");
}

TEST(DicomDeviceTags, StandUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("dicom", By::kClient, association() + command(kStore) + pdu(2, kExplicit));
}

}  // namespace
}  // namespace wardline::identity
