#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::little16;
using test::little32;
using test::observed;
using test::utf16;
using test::value_of;
using namespace std::string_literals;

std::string framed(const std::string& message) {
  return test::big32(static_cast<unsigned>(message.size())) + message;
}

std::string smb2(std::uint16_t command, bool reply, const std::string& body) {
  return framed("\xfeSMB" + little16(64) + little16(0) + little32(0) + little16(command) + little16(1) +
                little32(reply ? 1 : 0) + std::string(44, '\0') + body);
}

// A session set-up with a token behind the body's fixed part.
std::string setup2(bool reply, const std::string& token) {
  const auto fixed = reply ? little16(9) + little16(0) : little16(25) + std::string(10, '\0');
  const auto at = 64 + fixed.size() + 4 + (reply ? 0 : 8);
  return smb2(1, reply,
              fixed + little16(static_cast<unsigned>(at)) + little16(static_cast<unsigned>(token.size())) +
                  std::string(reply ? 0 : 8, '\0') + token);
}

std::string smb1(std::uint8_t command, bool reply, bool unicode, const std::string& words, const std::string& bytes) {
  return framed("\xffSMB" + std::string(1, static_cast<char>(command)) + little32(0) + (reply ? "\x88" : "\x08") +
                little16(unicode ? 0x8000 : 0) + std::string(20, '\0') + static_cast<char>(words.size() / 2) + words +
                little16(static_cast<unsigned>(bytes.size())) + bytes);
}

constexpr unsigned kFlags = 0x02000001;  // version, Unicode
const std::string kVersion = "\x0a\x00"s + little16(17763) + "\x00\x00\x00\x0f"s;

std::string fields(std::size_t length, std::size_t at) {
  return little16(static_cast<unsigned>(length)) + little16(static_cast<unsigned>(length)) +
         little32(static_cast<unsigned>(at));
}

std::string pair(unsigned id, const std::string& name) {
  return little16(id) + little16(static_cast<unsigned>(2 * name.size())) + utf16(name);
}

std::string challenge() {
  const auto target = utf16("RADIOLOGY");
  const auto info = pair(2, "RADIOLOGY") + pair(1, "PACS1") + pair(3, "pacs1.rad.example") + pair(0, "");
  return "spnego:NTLMSSP\0"s + little32(2) + fields(target.size(), 56) + little32(kFlags) + std::string(16, '\x07') +
         fields(info.size(), 56 + target.size()) + kVersion + target + info;
}

std::string authenticate() {
  const auto domain = utf16("RADIOLOGY"), user = utf16("miller"), station = utf16("CT01");
  return "NTLMSSP\0"s + little32(3) + fields(0, 72) + fields(0, 72) + fields(domain.size(), 72) +
         fields(user.size(), 72 + domain.size()) + fields(station.size(), 72 + domain.size() + user.size()) +
         fields(0, 72) + little32(kFlags) + kVersion + domain + user + station;
}

TEST(SmbObserver, AServerTellsItsDialectNamesAndSystem) {
  const auto negotiated = smb2(0, true, little16(65) + little16(1) + little16(0x0311) + std::string(60, '\0'));
  const auto told = observed("smb2", By::kServer, negotiated + setup2(true, challenge()));
  EXPECT_EQ(value_of(told, "smb.dialect"), "3.1.1");
  EXPECT_EQ(value_of(told, "smb.hostname"), "pacs1.rad.example");
  EXPECT_EQ(value_of(told, "smb.domain"), "RADIOLOGY");
  EXPECT_EQ(value_of(told, "smb.os"), "Windows 10.0.17763");
}

TEST(SmbObserver, AClientTellsItsWorkStationAndNeverItsUser) {
  const auto told = observed("smb2", By::kClient, setup2(false, authenticate()));
  EXPECT_EQ(value_of(told, "smb.hostname"), "CT01");
  EXPECT_EQ(value_of(told, "smb.os"), "Windows 10.0.17763");
  EXPECT_EQ(told.size(), 2U) << "neither the user nor the user's domain";
}

TEST(SmbObserver, AnOldClientTellsItsSystemBehindItsAccount) {
  const auto words = "\xff\x00\x00\x00"s + std::string(10, '\0') + little16(3) + little16(5) + std::string(8, '\0');
  const auto told = observed(
      "smb1", By::kClient, smb1(0x73, false, false, words, "pwdpw\x01\x02\x03"s + "miller\0WARD\0Windows 5.1\0LAN\0"s));
  EXPECT_EQ(value_of(told, "smb.os"), "Windows 5.1, LAN");
  EXPECT_EQ(told.size(), 1U);
}

TEST(SmbObserver, AnOldServerTellsItsSystemAndDomain) {
  const auto told = observed("smb1", By::kServer,
                             smb1(0x73, true, true, "\xff\x00\x00\x00\x00\x00"s,
                                  "\0"s + utf16("Unix\0"s) + utf16("Samba 3.0.37\0"s) + utf16("WARD\0"s)));
  EXPECT_EQ(value_of(told, "smb.os"), "Unix, Samba 3.0.37");
  EXPECT_EQ(value_of(told, "smb.domain"), "WARD");
}

TEST(SmbObserver, ASetUpBehindASessionOfNetbiosWithAnotherCommandBehindItIsRead) {
  const auto session = "\x81\x00\x00\x44"s + std::string(0x44, 'C');
  // Neither account nor domain, as in a null session.
  const auto texts = "\x07\x07\x07"s + utf16("\0\0Windows 2002\0LAN\0"s);
  const auto words = "\x75\x00\x00\x00"s + std::string(10, '\0') + little16(3) + std::string(10, '\0');
  auto setup = smb1(0x73, false, true, words, texts);
  setup += "\x04\xff\x00";  // a tree connect begins
  setup.replace(0, 4, test::big32(static_cast<unsigned>(setup.size() - 4)));
  EXPECT_EQ(value_of(observed("netbios-ssn", By::kClient, session + setup), "smb.os"), "Windows 2002, LAN");
}

TEST(SmbObserver, HalfAListOfDialectsNamesNone) {
  const auto offer =
      smb2(0, false, little16(36) + little16(2) + std::string(32, '\0') + little16(0x0202) + little16(0x0311));
  EXPECT_EQ(value_of(observed("smb2", By::kClient, offer), "smb.dialect"), "3.1.1");
  EXPECT_TRUE(observed("smb2", By::kClient, offer.substr(0, offer.size() - 1)).empty());
}

TEST(SmbObserver, ANameThatPointsOutOfItsMessageIsNotTold) {
  auto token = authenticate();
  token.replace(44, 8, fields(8, 0xfffffff0));
  EXPECT_EQ(value_of(observed("smb2", By::kClient, setup2(false, token)), "smb.hostname"), "");
}

TEST(SmbObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("smb2", By::kServer, setup2(true, challenge()));
  test::expect_stands_up_to_hostile_bytes("smb2", By::kClient, setup2(false, authenticate()));
  test::expect_stands_up_to_hostile_bytes("smb1", By::kServer,
                                          smb1(0x73, true, false, "\xff\x00\x00\x00\x00\x00"s, "Unix\0Samba\0WARD\0"s));
}

}  // namespace
}  // namespace wardline::identity
