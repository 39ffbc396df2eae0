// What names, echoes, files and clinical text tell.
#include <gtest/gtest.h>

#include "dataplane/detect/clinical_text.h"
#include "dataplane/detect/echoes.h"
#include "dataplane/detect/headers.h"
#include "dataplane/detect/names.h"
#include "dataplane/detect/smb.h"
#include "tests/unit/dataplane/detect/settings.h"
#include "tests/unit/packet_builder.h"

namespace wardline::detect {
namespace {

using namespace std::string_view_literals;
using test::Bytes;
using test::to_bytes;

Bytes dns(std::string_view name, std::uint16_t type, int rcode = -1) {
  std::string message("\0\x01\x01\0\0\x01\0\0\0\0\0\0"sv);
  if (rcode >= 0) {
    message[2] = '\x81';
    message[3] = static_cast<char>(rcode);
  }
  for (std::size_t at = 0; at <= name.size();) {
    const auto end = std::min(name.find('.', at), name.size());
    message += static_cast<char>(end - at);
    message += name.substr(at, end - at);
    at = end + 1;
  }
  message += '\0';
  message += static_cast<char>(type >> 8);
  message += static_cast<char>(type & 255);
  message += "\0\x01"sv;
  return to_bytes(message);
}

TEST(Question, IsReadInSmallLetters) {
  const auto question = read_question(dns("WWW.Example.Org", 16));
  ASSERT_TRUE(question);
  EXPECT_EQ(question->name(), "www.example.org");
  EXPECT_EQ(question->type, 16);
  EXPECT_EQ(question->labels, 3U);
  EXPECT_FALSE(question->answer);
}

TEST(Question, WhatIsCutShortOrPointsIsNone) {
  auto message = dns("www.example.org", 1);
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(read_question(std::span(message).first(size))) << size;
  message[12] = std::byte{0xc0};
  EXPECT_FALSE(read_question(message));
}

// How many questions it took; 0: never.
int asked_until_raised(const Settings& settings, int most, auto name_of, std::uint16_t type, int rcode = -1) {
  Watched watched;
  for (int i = 1; i <= most; ++i) {
    Alarms alarms;
    const auto question = read_question(dns(name_of(i), type, rcode));
    if (!question) return -1;
    watch_names(watched, settings, *question, kStart, alarms);
    if (!alarms.empty()) return i;
  }
  return 0;
}

TEST(DnsTunnel, ManyLongChildrenOfOneDomain) {
  const auto settings = only(Detector::kDnsTunnel, 20, 60);
  const auto tunnel = [](int i) { return std::string(55, 'a') + std::to_string(i) + ".t.example.org"; };
  EXPECT_NEAR(asked_until_raised(settings, 60, tunnel, 1), 20, 2);
  const auto shared = [](int i) { return std::string(55, 'a') + std::to_string(i) + ".t.co"; };
  EXPECT_NEAR(asked_until_raised(settings, 60, shared, 1), 20, 2) << "a short domain of a country";
  const auto text = [](int i) { return "c2beacon" + std::to_string(1000 + i) + ".example.org"; };
  EXPECT_NEAR(asked_until_raised(settings, 60, text, 16), 20, 2);
}

TEST(DnsTunnel, HostsOfOneDomainAndReverseNamesAreNone) {
  const auto settings = only(Detector::kDnsTunnel, 20, 60);
  EXPECT_EQ(asked_until_raised(settings, 300, [](int i) { return "host" + std::to_string(i) + ".example.org"; }, 1), 0);
  const auto reverse = [](int i) {
    return "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." + std::to_string(i) + ".0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  };
  EXPECT_EQ(asked_until_raised(settings, 300, reverse, 12), 0);
  EXPECT_EQ(asked_until_raised(
                settings, 300, [](int) { return std::string(60, 'x') + ".example.org"; }, 1),
            0)
      << "one name, again and again";
}

TEST(GeneratedNames, ThatDoNotExist) {
  const auto settings = only(Detector::kGeneratedNames, 15, 300);
  const auto made = [](int i) {
    std::string name;
    for (int at = 0; at < 14; ++at) name += "bcdfghjklmnpqrstvwxz"[mix(static_cast<std::uint64_t>(i * 31 + at)) % 20];
    return name + ".com";
  };
  EXPECT_NEAR(asked_until_raised(settings, 60, made, 1, 3), 15, 2);
  EXPECT_EQ(asked_until_raised(settings, 60, made, 1, 0), 0) << "they exist";
  const auto typo = [](int i) { return "hospital" + std::to_string(i) + ".org"; };
  EXPECT_EQ(asked_until_raised(settings, 60, typo, 1, 3), 0);
}

TEST(GeneratedNames, NamesOfPeopleDoNotLookSo) {
  for (const auto name : {"wardline", "stackoverflow", "microsoft", "intelliviewer", "krankenhaus", "drager-medical",
                          "windowsupdate", "googleusercontent"})
    EXPECT_FALSE(looks_generated(name)) << name;
  for (const auto name : {"xkqzvwpltrm", "a8f3k2m9x7q1", "qwzjxkvbpldfgh"}) EXPECT_TRUE(looks_generated(name)) << name;
}

Bytes counting(std::size_t size, std::size_t from) {
  Bytes body(size);
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::byte>(i < from ? mix(i * size) : i);
  return body;
}

TEST(IcmpTunnel, PingsAreNone) {
  EXPECT_TRUE(is_plain_echo(to_bytes("abcdefghijklmnopqrstuvwabcdefghi")));
  EXPECT_TRUE(is_plain_echo(counting(56, 16)));
  EXPECT_TRUE(is_plain_echo(counting(1400, 8)));
  EXPECT_TRUE(is_plain_echo(Bytes(1000, std::byte{0})));
  EXPECT_FALSE(is_plain_echo(to_bytes("GET /index.html HTTP/1.1 and more of the same")));
}

TEST(IcmpTunnel, BodiesThatChangeAreOneAndTheSameTextIsNone) {
  const auto settings = only(Detector::kIcmpTunnel, 5, 60);
  Watched tunnel, monitor;
  Alarms raised, quiet;
  int at = 0;
  for (std::uint16_t i = 0; i < 10; ++i) {
    const auto data = to_bytes(std::string(40, 'd') + "changing data " + std::to_string(i * 7919));
    watch_echo(tunnel, settings, {.request = true, .number = i, .body = data}, kStart, raised);
    if (at == 0 && !raised.empty()) at = i;
    const auto same = to_bytes("A network monitor says hello with a text of its own.");
    watch_echo(monitor, settings, {.request = true, .number = i, .body = same}, kStart, quiet);
    watch_echo(monitor, settings, {.request = false, .number = i, .body = same}, kStart, quiet);
  }
  EXPECT_EQ(at, 5) << "the first tells nothing, five more do";
  EXPECT_TRUE(quiet.empty());
}

// Several pings at once count from 1 each, and each has a body of its own.
TEST(IcmpTunnel, AStationThatAsksManyPeersAtOnceIsNone) {
  const auto settings = only(Detector::kIcmpTunnel, 1, 60);
  Watched watched;
  Alarms alarms;
  const auto body_of = [](std::uint64_t peer) {
    return to_bytes("A text of this monitor's own for the peer of number " + std::to_string(peer));
  };
  for (std::uint16_t number = 1; number < 20; ++number) {
    for (std::uint64_t peer = 1; peer < 30; ++peer)
      watch_echo(watched, settings, {.request = true, .peer = peer, .number = number, .body = body_of(peer)}, kStart,
                 alarms);
    for (std::uint64_t peer = 1; peer < 30; ++peer)
      watch_echo(watched, settings, {.request = false, .peer = peer, .number = number, .body = body_of(peer)}, kStart,
                 alarms);
  }
  EXPECT_TRUE(alarms.empty());
}

TEST(IcmpTunnel, AnAnswerThatIsNotWhatWasAsked) {
  const auto settings = only(Detector::kIcmpTunnel, 3, 60);
  Watched watched;
  Alarms alarms;
  for (std::uint16_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(alarms.empty());
    watch_echo(watched, settings, {.request = true, .number = i, .body = counting(56, 8)}, kStart, alarms);
    watch_echo(watched, settings, {.request = false, .number = i, .body = to_bytes("ls -la /etc")}, kStart, alarms);
  }
  EXPECT_FALSE(alarms.empty());
}

TEST(IcmpTunnel, PtunnelsMarkIsEnough) {
  Watched watched;
  Alarms alarms;
  watch_echo(watched, only(Detector::kIcmpTunnel, 20, 60),
             {.request = true, .number = 1, .body = to_bytes("\xd5\x20\x08\x80 and what follows it")}, kStart, alarms);
  EXPECT_FALSE(alarms.empty());
}

TEST(PatientData, IsFoundWhereItStands) {
  EXPECT_EQ(patient_data_in(to_bytes("\x0bMSH|^~\\&|A|B\rPID|1||123\r")), "HL7 PID");
  EXPECT_EQ(patient_data_in(to_bytes("{\"resourceType\":\"Patient\",\"id\":\"1\"}")), "FHIR Patient");
  EXPECT_EQ(patient_data_in(to_bytes("....\x10\x00\x10\x00PN\x08\x00MUSTER^A"sv)), "DICOM name");
  EXPECT_EQ(patient_data_in(to_bytes("....\x10\x00\x10\x00\x08\x00\x00\x00MUSTER^A"sv)), "DICOM name");
}

TEST(PatientData, OtherClinicalTextHasNone) {
  EXPECT_EQ(patient_data_in(to_bytes("\x0bMSH|^~\\&|A|B\rMSA|AA|7\r")), "");
  EXPECT_EQ(patient_data_in(to_bytes("\x10\x00\x10\x00\x00\x00\x00\x00\x00"sv)), "") << "an empty name";
  EXPECT_EQ(patient_data_in(to_bytes("\x10\x00\x10\x00PN"sv)), "");
  EXPECT_EQ(patient_data_in({}), "");
}

TEST(PatientData, IsFoundWhateverLiesAround) {
  for (const std::string_view marker :
       {"\rPID|"sv, "\nPID|"sv, "\"resourceType\":\"Patient\""sv, "\x10\x00\x10\x00PN\x08\x00MUSTER^A"sv})
    for (std::size_t before = 0; before < 50; ++before)
      for (const std::size_t after : {0, 1, 15, 16, 17}) {
        const auto text = std::string(before, '.') + std::string(marker) + std::string(after, '.');
        EXPECT_NE(patient_data_in(to_bytes(text)), "") << marker << " behind " << before << ", before " << after;
      }
}

TEST(PatientData, OnlyTheInternetIsPublic) {
  for (const auto own : {"10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.1.1", "224.0.0.1", "fd00::1",
                         "fe80::1", "127.0.0.1"})
    EXPECT_FALSE(is_public(test::address(own))) << own;
  for (const auto other : {"8.8.8.8", "172.32.0.1", "203.0.113.5", "2001:4860::1"})
    EXPECT_TRUE(is_public(test::address(other))) << other;
}

Bytes smb2(std::uint8_t command, std::uint32_t status, bool answer, std::string_view body = "") {
  std::string header("\xfeSMB\x40\0\0\0"sv);
  for (int i = 0; i < 4; ++i) header += static_cast<char>(status >> (8 * i));
  header += static_cast<char>(command);
  header += "\0\0\0"sv;
  header += answer ? '\x01' : '\0';
  header.resize(64);
  header += body;
  std::string framed("\0\0\0"sv);
  framed += static_cast<char>(header.size());
  return to_bytes(framed + header);
}

constexpr auto kFrontOfAFile = "\x31\0\x70\0\0\0\x10\0\0\0\0\0\0\0\0\0"sv;  // a write at offset 0

TEST(Smb, ChangesAndRefusedLogins) {
  EXPECT_EQ(read_smb(smb2(9, 0, false, kFrontOfAFile)).changes, 1U);
  EXPECT_EQ(read_smb(smb2(9, 0, true, kFrontOfAFile)).changes, 0U) << "the answer";
  EXPECT_EQ(read_smb(smb2(17, 0, false, "\x21\0\x01\x0a"sv)).changes, 1U) << "a rename";
  EXPECT_EQ(read_smb(smb2(17, 0, false, "\x21\0\x01\x04"sv)).changes, 0U) << "only its times";
  EXPECT_EQ(read_smb(smb2(1, 0xc000006d, true)).bad_logins, 1U);
  EXPECT_EQ(read_smb(smb2(8, 0, false)).changes, 0U) << "reading";
  auto two = smb2(9, 0, false, kFrontOfAFile);
  const auto second = smb2(9, 0, false, kFrontOfAFile);
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(read_smb(two).changes, 2U);
}

TEST(Smb, AnImageInManyPiecesIsOneFile) {
  EXPECT_EQ(read_smb(smb2(9, 0, false, "\x31\0\x70\0\0\0\x10\0\0\0\x10\0\0\0\0\0"sv)).changes, 0U) << "1 MiB on";
  EXPECT_EQ(read_smb(smb2(9, 0, false, "\x31\0\x70\0\0\0\x10\0\0\0\0\0\x01\0\0\0"sv)).changes, 0U) << "4 GiB on";
  EXPECT_EQ(read_smb(smb2(9, 0, false)).changes, 0U) << "cut short";
}

Bytes smb1(std::uint8_t command, std::string_view request) {
  std::string header("\xffSMB"sv);
  header += static_cast<char>(command);
  header.resize(32);
  header += request;
  std::string framed("\0\0\0"sv);
  framed += static_cast<char>(header.size());
  return to_bytes(framed + header);
}

TEST(Smb, OfTheFirstVersionToo) {
  EXPECT_EQ(read_smb(smb1(0x2f, "\x0e\xff\0\0\0\x01\x40\0\0\0\0"sv)).changes, 1U);
  EXPECT_EQ(read_smb(smb1(0x2f, "\x0e\xff\0\0\0\x01\x40\0\0\x01\0"sv)).changes, 0U);
  EXPECT_EQ(read_smb(smb1(0x0b, "\x05\x01\x40\x10\0\0\0\0\0"sv)).changes, 1U);
  EXPECT_EQ(read_smb(smb1(0x07, "\x01\x16\0"sv)).changes, 1U) << "a rename";
}

TEST(Headers, MiraisSynHasItsTargetAsNumber) {
  const auto parsed = [](const test::FrameBuilder& frame) {
    static Bytes bytes;
    bytes = frame.bytes();
    return packet::parse(bytes);
  };
  const auto syn = test::frame().ipv4("10.1.0.2", "10.9.0.7").tcp(1234, 23).flags(packet::kSyn);
  EXPECT_TRUE(is_mirai_syn(parsed(test::FrameBuilder(syn).sequence(0x0a090007))));
  EXPECT_FALSE(is_mirai_syn(parsed(test::FrameBuilder(syn).sequence(0x0a090008))));
  EXPECT_FALSE(is_mirai_syn(parsed(test::FrameBuilder(syn).sequence(0x0a090007).flags(packet::kSyn | packet::kAck))));
}

TEST(Headers, SourceRoutes) {
  const auto has = [](const Bytes& frame) { return has_source_route(packet::parse(frame), frame); };
  auto plain = test::frame().ipv4("10.1.0.2", "10.9.0.7");
  EXPECT_FALSE(has(test::FrameBuilder(plain).tcp(1, 2).bytes()));
  const auto lsrr = to_bytes("\x83\x07\x04\x0a\x09\x00\x01\x00"sv), alert = to_bytes("\x94\x04\x00\x00"sv);
  EXPECT_TRUE(has(test::FrameBuilder(plain).ipv4_options(lsrr).tcp(1, 2).bytes()));
  EXPECT_FALSE(has(test::FrameBuilder(plain).ipv4_options(alert).tcp(1, 2).bytes())) << "router alert";
}

}  // namespace
}  // namespace wardline::detect
