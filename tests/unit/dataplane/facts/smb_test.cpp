#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {
namespace {

using std::string_view_literals::operator""sv;
using testing::ElementsAre;

Octets session(std::span<const std::byte> message) {
  return Wire().u8(0).u24(message.size()).raw(message).octets;
}

Wire smb1(unsigned command, bool reply = false, bool unicode = false) {
  return Wire().text("\xffSMB"sv).u8(command).zeros(4).u8(reply ? 0x80 : 0).le16(unicode ? 0x8000 : 0).zeros(20);
}
Wire smb2(unsigned command, bool reply = false, std::uint32_t next = 0, std::uint32_t status = 0) {
  return Wire()
      .text("\xfeSMB"sv)
      .le16(64)
      .le16(0)
      .le32(status)
      .le16(command)
      .le16(1)
      .le32(reply ? 1 : 0)
      .le32(next)
      .zeros(40);
}
Octets negotiate1(std::string_view dialects) {
  return session(smb1(0x72).u8(0).le16(static_cast<unsigned>(dialects.size())).text(dialects));
}
std::string dialect(std::span<const std::byte> bytes) {
  return value(read(read_smb, bytes), Fact::kSmbDialect);
}
std::vector<std::string> shares(std::span<const std::byte> bytes) {
  return values(read(read_smb, bytes), Fact::kSmbShare);
}

TEST(SmbReader, AnSmb1ClientOffersItsHighestDialect) {
  EXPECT_EQ(dialect(negotiate1("\2PC NETWORK PROGRAM 1.0\0\2NT LM 0.12\0"sv)), "1");
  EXPECT_EQ(dialect(negotiate1("\2NT LM 0.12\0\2SMB 2.002\0"sv)), "2.0.2");
  EXPECT_EQ(dialect(negotiate1("\2NT LM 0.12\0\2SMB 2.002\0\2SMB 2.???\0"sv)), "2.1");
  EXPECT_EQ(dialect(negotiate1("\2NT LM 0.1"sv)), "");
}

TEST(SmbReader, AnSmb1ServerThatChoseADialectSpeaksSmb1) {
  EXPECT_EQ(dialect(session(smb1(0x72, true).u8(1).le16(5).le16(0))), "1");
  EXPECT_EQ(dialect(session(smb1(0x72, true).u8(1).le16(0xffff).le16(0))), "");
}

TEST(SmbReader, Smb2OffersAndChoosesByNumber) {
  const auto offer = smb2(0).le16(36).le16(4).zeros(32).le16(0x0202).le16(0x0311).le16(0x0302).le16(0x7777);
  EXPECT_EQ(dialect(session(offer)), "3.1.1");
  const auto choice = [](unsigned number, std::uint32_t status = 0) {
    return session(smb2(0, true, 0, status).le16(65).le16(1).le16(number).zeros(60));
  };
  EXPECT_EQ(dialect(choice(0x0202)), "2.0.2");
  EXPECT_EQ(dialect(choice(0x0210)), "2.1");
  EXPECT_EQ(dialect(choice(0x0300)), "3.0");
  EXPECT_EQ(dialect(choice(0x0302)), "3.0.2");
  EXPECT_EQ(dialect(choice(0x02ff)), "");
  EXPECT_EQ(dialect(choice(0x0311, 0xc00000bb)), "");
}

TEST(SmbReader, ATreeConnectOfSmb1TellsItsShare) {
  const auto path = "\\\\server\\IPC$\0?????\0"sv;
  const auto block = Wire().u8(4).u8(0xff).u8(0).le16(0).le16(0).le16(1);
  const auto ascii = Wire().u8(0).text(path);  // a password of one byte
  EXPECT_THAT(shares(session(smb1(0x75).raw(block).le16(static_cast<unsigned>(ascii.octets.size())).raw(ascii))),
              ElementsAre("ipc$"));
  const auto old = Wire().u8(4).text("\\\\server\\Data\0\4\0\4A:\0"sv);
  EXPECT_THAT(shares(session(smb1(0x70).u8(0).le16(static_cast<unsigned>(old.octets.size())).raw(old))),
              ElementsAre("data"));
}

TEST(SmbReader, ATreeConnectBehindASessionSetupIsFound) {
  const auto setup = Wire().u8(2).u8(0x75).u8(0).le16(32 + 7).le16(0);
  const auto tree = Wire().u8(4).u8(0xff).u8(0).le16(0).le16(0).le16(1);
  // A password of one byte ends at an odd offset, so that a byte of padding stands before the text.
  const auto bytes = Wire().zeros(2).utf16(u"\\\\SERVER\\BILDER\u00c4\0"sv).text("A:\0"sv);
  const auto message =
      smb1(0x73, false, true).raw(setup).raw(tree).le16(static_cast<unsigned>(bytes.octets.size())).raw(bytes);
  EXPECT_THAT(shares(session(message)), ElementsAre("bilder\u00e4"));
}

Octets tree_connect2(std::u16string_view path, std::uint32_t next = 0) {
  const auto text = Wire().utf16(path);
  return smb2(3, false, next).le16(9).le16(0).le16(72).le16(static_cast<unsigned>(text.octets.size())).raw(text).octets;
}

TEST(SmbReader, ATreeConnectOfSmb2TellsItsShare) {
  EXPECT_THAT(shares(session(tree_connect2(u"\\\\10.0.0.9\\Images$"))), ElementsAre("images$"));
  EXPECT_THAT(shares(session(tree_connect2(u"\\\\s\\a\u202e\xd800\U0001f600"))),
              ElementsAre("a\ufffd\ufffd\U0001f600"));
  auto cut = session(tree_connect2(u"\\\\server\\share"));
  cut.resize(cut.size() - 2);
  EXPECT_THAT(shares(cut), ElementsAre("")) << "one that no rule lists: a server may find what is not in view here";
}

TEST(SmbReader, CompoundedAndFollowingMessagesAreRead) {
  auto compound = tree_connect2(u"\\\\s\\one", 88);
  compound.resize(88);
  const auto second = tree_connect2(u"\\\\s\\two");
  compound.insert(compound.end(), second.begin(), second.end());
  Wire bytes;
  bytes.u8(0x81).u24(3).zeros(3).raw(session(compound)).raw(session(tree_connect2(u"\\\\s\\three")));
  EXPECT_THAT(shares(bytes), ElementsAre("one", "two", "three"));
}

TEST(SmbReader, SealedMessagesSayNothing) {
  EXPECT_TRUE(read(read_smb, session(Wire().text("\xfdSMB"sv).zeros(80))).values().empty());
}

}  // namespace
}  // namespace wardline::facts
