#include <gmock/gmock.h>

#include "captured.h"
#include "observed.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;

constexpr unsigned kRegistration = 5 << 11, kRelease = 6 << 11, kAnswer = 0x8400, kNb = 0x20, kNodeStatus = 0x21;

std::string padded(std::string name, unsigned suffix) {
  name.resize(15, ' ');
  return name + u8(suffix);
}

// RFC 1001, 14.1.
std::string encoded(const std::string& name, unsigned suffix) {
  std::string letters;
  for (const char byte : padded(name, suffix)) {
    letters += static_cast<char>('A' + (static_cast<unsigned char>(byte) >> 4));
    letters += static_cast<char>('A' + (byte & 15));
  }
  return u8(32) + letters + u8(0);
}

std::string registration(const std::string& name, unsigned suffix, bool group, unsigned opcode = kRegistration) {
  return dns_header(opcode | 0x110, {.questions = 1, .additionals = 1}) + encoded(name, suffix) + u16(kNb) + u16(1) +
         dns_record(u16(0xc00c), kNb, u16(group ? 0x8000 : 0) + u32(0x0a4d140a));
}

Observations names_of(const std::string& message) {
  return observe(first_bytes(message), "netbios-ns");
}

TEST(NetbiosObserver, TellsTheMachineAndItsGroupThatAreRegistered) {
  EXPECT_EQ(value_of(names_of(registration("RADWS07", 0x00, false)), "netbios.name"), "RADWS07");
  EXPECT_EQ(value_of(names_of(registration("RADWS07", 0x20, false)), "netbios.name"), "RADWS07");
  for (const unsigned refresh : {8U << 11, 9U << 11})
    EXPECT_EQ(value_of(names_of(registration("RADWS07", 0x20, false, refresh)), "netbios.name"), "RADWS07");
  EXPECT_EQ(value_of(names_of(registration("RADIOLOGY", 0x00, true)), "netbios.workgroup"), "RADIOLOGY");
}

TEST(NetbiosObserver, WhoIsLoggedOnIsNeverTold) {
  EXPECT_TRUE(names_of(registration("J.DOE", 0x03, false)).empty());
}

TEST(NetbiosObserver, ReleasesAndQueriesClaimNothing) {
  EXPECT_TRUE(names_of(registration("RADWS07", 0x00, false, kRelease)).empty());
  EXPECT_TRUE(names_of(registration("RADWS07", 0x00, false, 0)).empty());
}

TEST(NetbiosObserver, ANameServersAnswerIsAboutAnother) {
  const auto answer = [](unsigned flags) {
    return dns_header(flags, {.answers = 1}) + dns_record(encoded("RADWS07", 0x20), kNb, u16(0) + u32(0x0a4d140a));
  };
  EXPECT_EQ(value_of(names_of(answer(kAnswer | 0x100)), "netbios.name"), "RADWS07");
  EXPECT_TRUE(names_of(answer(kAnswer | 0x180)).empty()) << "recursion is available";
  EXPECT_TRUE(names_of(answer(kAnswer | 0x103)).empty()) << "no such name";
}

std::string node_status() {
  return dns_header(kAnswer, {.answers = 1}) +
         dns_record(encoded("*", 0), kNodeStatus,
                    u8(4) + padded("BED-14", 0x00) + u16(0x0400) + padded("ICU", 0x00) + u16(0x8400) +
                        padded("NURSE1", 0x03) + u16(0x0400) + padded("ICU", 0x1e) + u16(0x8400) +
                        "\x00\x09\xfb\x0a\x0b\x0c"s);
}

TEST(NetbiosObserver, ANodesStatusListsItsNames) {
  const auto told = names_of(node_status());
  EXPECT_EQ(value_of(told, "netbios.name"), "BED-14");
  EXPECT_EQ(value_of(told, "netbios.workgroup"), "ICU");
  EXPECT_EQ(told.size(), 2U);
}

std::string low_first(unsigned number) {
  return u8(number) + u8(number >> 8);
}

// A write to the browser's mailslot in a datagram. `claimed`: how long it says that the announcement is.
std::string announcement(unsigned kind, const std::string& comment, const std::string& mailslot = "\\MAILSLOT\\BROWSE",
                         std::optional<unsigned> claimed = {}) {
  std::string name = "NVR9";
  name.resize(16, '\0');
  const auto message =
      u8(kind) + u8(0) + u32(0) + name + u8(6) + u8(1) + u32(0) + u8(15) + u8(1) + u16(0x55aa) + comment;
  const auto slot = mailslot + '\0';
  const auto length = low_first(claimed.value_or(static_cast<unsigned>(message.size())));
  const auto offset = low_first(static_cast<unsigned>(32 + 1 + 34 + 2 + slot.size()));
  const auto words = u16(0) + length + std::string(18, '\0') + length + offset + u8(3) + u8(0) + low_first(1) +
                     low_first(1) + low_first(2);
  const auto smb = "\xffSMB\x25"s + std::string(27, '\0') + u8(17) + words +
                   low_first(static_cast<unsigned>(slot.size() + message.size())) + slot + message;
  return u8(0x11) + u8(2) + u16(7) + u32(0x0a4d140a) + u16(138) + u16(0) + u16(0) + encoded("NVR9", 0) +
         encoded("WORKGROUP", 0x1d) + smb;
}

Observations datagram(const std::string& message) {
  return observe(first_bytes(message), "netbios-dgm");
}

TEST(NetbiosObserver, TellsWhatAHostAnnouncesToBrowsers) {
  const auto told = datagram(announcement(1, "Video recorder\0"s));
  EXPECT_EQ(value_of(told, "netbios.name"), "NVR9");
  EXPECT_EQ(value_of(told, "netbios.os"), "Windows 6.1");
  EXPECT_EQ(value_of(told, "netbios.comment"), "Video recorder");
}

TEST(NetbiosObserver, ADomainsAnnouncementNamesTheGroupAlone) {
  const auto told = datagram(announcement(12, "MASTER\0"s));
  EXPECT_EQ(value_of(told, "netbios.workgroup"), "NVR9");
  EXPECT_EQ(told.size(), 1U);
}

TEST(NetbiosObserver, OtherMailslotsAreNotRead) {
  EXPECT_TRUE(datagram(announcement(1, "x\0"s, "\\MAILSLOT\\MESSNGR")).empty());
}

TEST(NetbiosObserver, AnAnnouncementLongerThanItsDatagramIsNotBelieved) {
  EXPECT_TRUE(datagram(announcement(1, "x\0"s, "\\MAILSLOT\\BROWSE", 0xffff)).empty());
}

TEST(NetbiosObserver, ALetterThatEncodesNothingMakesNoName) {
  auto message = registration("RADWS07", 0x00, false);
  message[13] = 'Q';
  EXPECT_TRUE(names_of(message).empty());
}

TEST(NetbiosObserver, EveryCutAndEveryBentByteIsReadWithoutHarm) {
  expect_cuts_tell_no_other(observe_netbios_name, node_status());
  expect_bent_bytes_are_harmless(observe_netbios_name, node_status());
  expect_cuts_tell_no_other(observe_netbios_datagram, announcement(1, "Video recorder\0"s));
  expect_bent_bytes_are_harmless(observe_netbios_datagram, announcement(1, "Video recorder\0"s));
}

}  // namespace
}  // namespace wardline::identity
