#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;
using namespace std::string_literals;

TEST(BannerObserver, SshTellsTheProgramAndItsComment) {
  for (const auto by : {By::kClient, By::kServer})
    EXPECT_EQ(value_of(observed("ssh", by, "SSH-2.0-dropbear_2019.78 pump\r\n\0\0\1"s), "ssh.software"),
              "dropbear_2019.78 pump");
  EXPECT_EQ(value_of(observed("ssh", By::kServer, "Welcome\r\nSSH-1.99-Cisco-1.25\n"), "ssh.software"), "Cisco-1.25");
}

TEST(BannerObserver, AGreetingOfSeveralLinesIsToldByItsFirstWords) {
  EXPECT_EQ(value_of(observed("ftp", By::kServer, "220-\r\n220-VxWorks FTP server\r\n220 ready\r\n"), "ftp.banner"),
            "VxWorks FTP server");
  EXPECT_TRUE(observed("ftp", By::kServer, "421 too many\r\n220 x\r\n").empty());
}

TEST(BannerObserver, WhatAClientTypesIsNeverABanner) {
  for (const char* app : {"ftp", "telnet", "pop3", "imap"})
    EXPECT_TRUE(observed(app, By::kClient, "220 x\r\n+OK x\r\n* OK x\r\nroot\r\nsecret\r\n").empty()) << app;
}

TEST(BannerObserver, AMailServerIsToldWithoutTheTimeOfDay) {
  EXPECT_EQ(value_of(observed("smtp", By::kServer, "220 mx.example ESMTP Sendmail 8.12; Tue, 3 Nov 2026 02:00\r\n"),
                     "smtp.banner"),
            "mx.example ESMTP Sendmail 8.12");
  EXPECT_EQ(value_of(observed("pop3", By::kServer, "+OK Dovecot ready <1896.697@mx.example>\r\n"), "pop3.banner"),
            "Dovecot ready");
  EXPECT_EQ(
      value_of(observed("imap", By::kServer, "* OK [CAPABILITY IMAP4rev1 IDLE] Dovecot ready.\r\n"), "imap.banner"),
      "Dovecot ready.");
}

TEST(BannerObserver, AMailClientTellsTheNameThatItGives) {
  EXPECT_EQ(value_of(observed("smtp", By::kClient, "ehlo ct01.example\r\nMAIL FROM:<x@y>\r\n"), "smtp.client_name"),
            "ct01.example");
  EXPECT_TRUE(observed("smtp", By::kClient, "MAIL FROM:<x@y>\r\n").empty());
}

TEST(BannerObserver, TelnetTellsItsFirstLineBehindOptionsAndCursorMoves) {
  const auto options = "\xff\xfd\x01\xff\xfb\x03\xff\xfa\x18\x01\xff\xf0"s;
  EXPECT_EQ(value_of(observed("telnet", By::kServer, options + "\x1b[2J\x1b[1;1H\r\n  Moxa NPort 5110\r\nMenu\r\n"),
                     "telnet.banner"),
            "Moxa NPort 5110");
}

TEST(BannerObserver, TelnetTellsAPromptButNotTheEchoBehindIt) {
  const auto told = observed("telnet", By::kServer, "ct01 login: miller\r\nPassword: secret\r\n");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].value, "ct01 login:");
  EXPECT_EQ(value_of(observed("telnet", By::kServer, "\r\nUser Name : miller"), "telnet.banner"), "User Name :");
}

TEST(BannerObserver, AnOptionThatNeverEndsHidesTheRestAndNoMore) {
  EXPECT_TRUE(observed("telnet", By::kServer, "\xff\xfa\x18" + std::string(1500, 'x') + "\r\nname\r\n").empty());
  EXPECT_TRUE(observed("telnet", By::kServer, "\x1b[" + std::string(1500, '1')).empty());
}

TEST(BannerObserver, GreetingsStandUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("ssh", By::kServer, "Hello\r\nSSH-2.0-OpenSSH_9.2 Debian\r\n");
  test::expect_stands_up_to_hostile_bytes("ftp", By::kServer, "220-FTP of a pump\r\n220 ready\r\n");
  test::expect_stands_up_to_hostile_bytes("smtp", By::kServer, "220 mx ESMTP Postfix\r\n");
  test::expect_stands_up_to_hostile_bytes("smtp", By::kClient, "EHLO ct01\r\n");
  test::expect_stands_up_to_hostile_bytes("pop3", By::kServer, "+OK ready <1@x>\r\n");
  test::expect_stands_up_to_hostile_bytes("imap", By::kServer, "* OK [X] ready\r\n");
  test::expect_stands_up_to_hostile_bytes("telnet", By::kServer, "\xff\xfd\x18\x1b[2J\r\nNPort\r\nlogin: x\r\n");
}

}  // namespace
}  // namespace wardline::identity
