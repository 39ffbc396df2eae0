#include "controlplane/alerts/syslog.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/alerts/throttle.h"
#include "controlplane/alerts/udp_sender.h"

namespace wardline::alerts {
namespace {

const inventory::WallTime kTime{std::chrono::microseconds(1'700'000'000'000'123)};
const Alert kAlert{Level::kWarning, "violation", "CEF:0|W|W|1|x|N|5|act=block"};

TEST(SyslogLine, Rfc5424IsTheDefault) {
  EXPECT_EQ(syslog_line(kAlert, SyslogHeader::kRfc5424, "wardline-1", kTime),
            "<132>1 2023-11-14T22:13:20.000123Z wardline-1 wardlined - violation - CEF:0|W|W|1|x|N|5|act=block");
}

TEST(SyslogLine, Rfc3164IsAnOption) {
  EXPECT_EQ(syslog_line(kAlert, SyslogHeader::kRfc3164, "wardline-1", kTime),
            "<132>Nov 14 22:13:20 wardline-1 wardlined: CEF:0|W|W|1|x|N|5|act=block");
}

TEST(SyslogLine, AHostWithBlanksCannotShiftTheFields) {
  EXPECT_TRUE(syslog_line(kAlert, SyslogHeader::kRfc5424, "a b\n", kTime).find(" a_b_ wardlined ") !=
              std::string::npos);
}

TEST(SyslogLine, IsCutBetweenTwoCharacters) {
  Alert alert = kAlert;
  for (int i = 0; i < 2000; ++i) alert.cef += "\xc3\xa4";
  const auto line = syslog_line(alert, SyslogHeader::kRfc5424, "h", kTime);
  EXPECT_LE(line.size(), kMostSyslogBytes);
  EXPECT_GE(line.size(), kMostSyslogBytes - 1);
  EXPECT_EQ(static_cast<unsigned char>(line.back()), 0xa4);
}

TEST(Throttle, TheFirstGoesOutAndItsLikeAreCounted) {
  Throttle<int> throttle({.window = 10 * kSecond, .kinds = 4, .per_second = 100});
  EXPECT_EQ(throttle.pass("a", 1, 1, kSecond), 1u);
  EXPECT_EQ(throttle.pass("a", 2, 5, 2 * kSecond), std::nullopt);
  EXPECT_TRUE(throttle.due(5 * kSecond).empty());
  const auto due = throttle.due(11 * kSecond);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 5u);
  EXPECT_EQ(due[0].payload, 2);
}

TEST(Throttle, ACountIsNotLostWhenTheNextComesAfterTheWindow) {
  Throttle<int> throttle({.window = 10 * kSecond, .kinds = 4, .per_second = 100});
  throttle.pass("a", 1, 1, kSecond);
  throttle.pass("a", 1, 5, 2 * kSecond);
  EXPECT_EQ(throttle.pass("a", 1, 1, 20 * kSecond), 6u);
}

TEST(Throttle, BeyondTheRateAlertsAreWithheldAndCounted) {
  Throttle<int> throttle({.window = 10 * kSecond, .kinds = 100, .per_second = 2});
  int passed = 0;
  for (int i = 0; i < 10; ++i) passed += throttle.pass(std::to_string(i), i, 1, kSecond) ? 1 : 0;
  EXPECT_EQ(passed, 2);
  EXPECT_EQ(throttle.withheld(), 8u);
}

TEST(UdpSender, SendsOneDatagramPerAlert) {
  const int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(receiver, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  getsockname(receiver, reinterpret_cast<sockaddr*>(&address), &size);
  Errors problems;
  const auto sender = UdpSender::open({{"127.0.0.1", ntohs(address.sin_port), SyslogHeader::kRfc5424}}, problems);
  ASSERT_TRUE(problems.empty());
  sender->send(kAlert, "h", kTime);
  char bytes[4096];
  const auto got = recv(receiver, bytes, sizeof bytes, 0);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(bytes, static_cast<std::size_t>(got)), syslog_line(kAlert, SyslogHeader::kRfc5424, "h", kTime));
  EXPECT_EQ(sender->sent(), 1u);
  close(receiver);
}

TEST(UdpSender, AnUnknownHostIsToldInWordsAndTheOthersAreOpened) {
  Errors problems;
  const auto sender = UdpSender::open(
      {{"no-such-host.invalid", 514, SyslogHeader::kRfc5424}, {"127.0.0.1", 514, SyslogHeader::kRfc5424}}, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].text(), testing::HasSubstr("no-such-host.invalid:514"));
  sender->send({Level::kNotice, "test", "CEF:0|"}, "host", inventory::WallTime{});
  EXPECT_EQ(sender->sent(), 1u);
}

}  // namespace
}  // namespace wardline::alerts
