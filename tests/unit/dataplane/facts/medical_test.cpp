#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string padded(std::string text, std::size_t size = 16) {
  text.resize(size, ' ');
  return text;
}

Wire item(unsigned type, std::span<const std::byte> body) {
  return Wire().u8(type).u8(0).long_vector(body);
}

Wire pdu(unsigned type, std::span<const std::byte> body) {
  return Wire().u8(type).u8(0).u32(static_cast<std::uint32_t>(body.size())).raw(body);
}

Wire context(unsigned id, std::string_view syntax) {
  return item(0x20, Wire()
                        .u8(id)
                        .u8(0)
                        .u16(0)
                        .raw(item(0x30, Wire().text(syntax)))
                        .raw(item(0x40, Wire().text("1.2.840.10008.1.2"))));
}

Wire association() {
  Wire body;
  body.u16(1).u16(0).text(padded("PACS1")).text(padded(" CT01")).zeros(32);
  body.raw(item(0x10, Wire().text("1.2.840.10008.3.1.1.1")));
  body.raw(context(1, "1.2.840.10008.1.1")).raw(context(3, "1.2.840.10008.5.1.4.1.1.2"));
  return pdu(1, body);
}

Wire command_set(std::uint16_t command) {
  Wire uid, set;
  uid.text("1.2.840.10008.1.1").u8(0);
  set.le32(0x00000000).le32(4).le32(56);
  set.le32(0x00020000).le32(static_cast<std::uint32_t>(uid.octets.size())).raw(uid);
  set.le32(0x01000000).le32(2).le16(command);
  set.le32(0x01100000).le32(2).le16(1);
  return set;
}

Wire data(unsigned control, std::span<const std::byte> value) {
  return Wire().u32(static_cast<std::uint32_t>(value.size() + 2)).u8(1).u8(control).raw(value);
}

TEST(Dicom, AnAssociationTellsBothTitlesTrimmedAndEachServiceItProposes) {
  const auto facts = read(read_dicom, association());
  EXPECT_EQ(value(facts, Fact::kDicomCalledAe), "PACS1");
  EXPECT_EQ(value(facts, Fact::kDicomCallingAe), "CT01");
  EXPECT_THAT(values(facts, Fact::kDicomAbstractSyntax), ElementsAre("1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2"));
}

TEST(Dicom, ACommandIsNamedAndItsAnswerIsNot) {
  EXPECT_EQ(value(read(read_dicom, pdu(4, data(3, command_set(0x0001)))), Fact::kDicomCommand), "c-store");
  EXPECT_EQ(value(read(read_dicom, pdu(4, data(3, command_set(0x0030)))), Fact::kDicomCommand), "c-echo");
  EXPECT_EQ(value(read(read_dicom, pdu(4, data(3, command_set(0x0777)))), Fact::kDicomCommand), "other");
  EXPECT_THAT(read(read_dicom, pdu(4, data(3, command_set(0x8001)))).values(), IsEmpty());
}

TEST(Dicom, DataThatFollowsACommandTellsNothing) {
  EXPECT_THAT(read(read_dicom, pdu(4, data(2, Wire().zeros(100)))).values(), IsEmpty());
}

TEST(Dicom, EachCommandOfAPduIsTold) {
  Wire both;
  both.raw(data(3, command_set(0x0030))).raw(data(3, command_set(0x0020)));
  EXPECT_THAT(values(read(read_dicom, pdu(4, both)), Fact::kDicomCommand), ElementsAre("c-echo", "c-find"));
}

TEST(Dicom, ACommandThatCannotBeReadIsNoneThatARuleLists) {
  EXPECT_EQ(value(read(read_dicom, pdu(4, data(3, Wire().zeros(4)))), Fact::kDicomCommand), "other");
}

// Of a PDU whose rest is not there, as in what is kept of a long message.
TEST(Dicom, ACommandHidesBehindNoDataOfTheSamePdu) {
  const auto first = [](const Wire& whole, std::size_t size) { return std::span(whole.octets).first(size); };
  const Wire image = pdu(4, data(0, Wire().zeros(2000)));
  EXPECT_THAT(read(read_dicom, first(image, 512)).values(), IsEmpty()) << "one value to the PDU's end";
  const Wire packed = pdu(4, Wire().raw(data(3, command_set(1))).raw(data(0, Wire().zeros(2000))));
  EXPECT_EQ(value(read(read_dicom, first(packed, 512)), Fact::kDicomCommand), "c-store") << "as some peers pack both";
  const Wire hidden = pdu(4, Wire().raw(data(2, Wire().zeros(600))).raw(data(3, command_set(1))));
  EXPECT_EQ(value(read(read_dicom, first(hidden, 512)), Fact::kDicomCommand), "other");
}

TEST(Dicom, APduCutAnywhereIsReadWithoutHarm) {
  const auto whole = association();
  for (std::size_t size = 0; size < whole.octets.size(); ++size) read(read_dicom, std::span(whole.octets).first(size));
}

constexpr std::string_view kResult =
    "\x0bMSH|^~\\&|MONITOR|4B|GATEWAY|H|20261005||ORU^R01^ORU_R01|1|P|2.6\rPID|1||123\r\x1c\r";

TEST(Hl7, AMessageTellsItsTypeAndSenderAndNothingOfThePatient) {
  const auto facts = read(read_hl7, Wire().text(kResult));
  EXPECT_EQ(value(facts, Fact::kHl7MessageType), "ORU^R01");
  EXPECT_EQ(value(facts, Fact::kHl7Sender), "MONITOR");
  EXPECT_EQ(facts.values().size(), 2u);
}

TEST(Hl7, AnotherFieldSeparatorIsFollowed) {
  const auto facts = read(read_hl7, Wire().text("MSH#^~\\&#LAB#4B#G#H#2026##ADT^A01#1#P#2.6\r"));
  EXPECT_EQ(value(facts, Fact::kHl7MessageType), "ADT^A01");
  EXPECT_EQ(value(facts, Fact::kHl7Sender), "LAB");
}

TEST(Hl7, AMessageWithoutATypeHasAnEmptyOne) {
  const auto facts = read(read_hl7, Wire().text("\x0bFHS|^~\\&|LAB\rMSH|^~\\&|LAB|||||ADT^A01\r"));
  EXPECT_THAT(values(facts, Fact::kHl7MessageType), ElementsAre(""));
}

TEST(Hl7, FieldsAfterTheHeaderSegmentAreNotTakenForItsOwn) {
  const auto facts = read(read_hl7, Wire().text("\x0bMSH|^~\\&|LAB|4B\rPID|1|2|3|4|5|DOE^JOHN|7\r"));
  EXPECT_THAT(values(facts, Fact::kHl7MessageType), ElementsAre(""));
}

TEST(Hl7, AnAcknowledgementTellsNothing) {
  EXPECT_THAT(read(read_hl7, Wire().text(kResult), false).values(), IsEmpty());
}

}  // namespace
}  // namespace wardline::facts
