// Logins in clear text: the account is named, the password never.
#include <gtest/gtest.h>

#include <vector>

#include "dataplane/detect/logins.h"
#include "dataplane/detect/window.h"
#include "tests/unit/packet_builder.h"

namespace wardline::detect {
namespace {

using test::to_bytes;
constexpr std::uint64_t kFlow = 42;

struct Dialogue {
  LoginKind kind;
  Logins logins = {};
  Login client(std::string_view text) { return logins.feed(kind, kFlow, true, to_bytes(text), 1000); }
  Login server(std::string_view text) { return logins.feed(kind, kFlow, false, to_bytes(text), 1000); }
};

TEST(Logins, FtpNamesTheAccountAndNotThePassword) {
  Dialogue ftp{LoginKind::kFtp};
  EXPECT_FALSE(ftp.client("USER service\r\n").given);
  const auto login = ftp.client("PASS Pr1vate!\r\n");
  EXPECT_TRUE(login.given);
  EXPECT_FALSE(login.default_password);
  EXPECT_EQ(login.account.view(), "service");
  EXPECT_EQ(std::string_view(login.account.text.data(), login.account.text.size()).find("Pr1vate"),
            std::string_view::npos);
}

TEST(Logins, AnonymousFtpIsNoPassword) {
  Dialogue ftp{LoginKind::kFtp};
  ftp.client("USER anonymous\r\n");
  EXPECT_FALSE(ftp.client("PASS guest@example.org\r\n").given);
}

TEST(Logins, FtpRefusalIsSeenAfterAPasswordOnly) {
  Dialogue ftp{LoginKind::kFtp};
  EXPECT_FALSE(ftp.server("530 Please log in\r\n").refused);
  ftp.client("USER root\r\nPASS x\r\n");
  EXPECT_TRUE(ftp.server("530 Login incorrect\r\n").refused);
}

TEST(Logins, TelnetKeyByKeyWithOptionsInBetween) {
  Dialogue telnet{LoginKind::kTelnet};
  telnet.server("\xff\xfd\x18login: ");
  telnet.client("\xff\xfb\x18");
  for (const char* key : {"r", "o", "x", "\x7f", "o", "t"}) EXPECT_FALSE(telnet.client(key).given);
  telnet.client("\r\n");
  telnet.server("\r\nPassword: ");
  telnet.client("xc3");
  const auto login = telnet.client(std::string_view("511\r\0", 5));
  EXPECT_TRUE(login.given);
  EXPECT_TRUE(login.default_password);
  EXPECT_EQ(login.account.view(), "root");
  EXPECT_TRUE(telnet.server("\r\nLogin incorrect\r\n").refused);
}

TEST(Logins, AnEmptyPasswordIsADefaultOneToo) {
  Dialogue telnet{LoginKind::kTelnet};
  telnet.server("login: ");
  telnet.client("root\r\n");
  telnet.server("Password: ");
  EXPECT_TRUE(telnet.client("\r\n").default_password);
}

TEST(Logins, HttpBasicAndItsRefusal) {
  Dialogue http{LoginKind::kHttp};
  EXPECT_FALSE(http.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n").given);
  EXPECT_FALSE(http.server("HTTP/1.1 401 Unauthorized\r\n\r\n").refused) << "it only asks";
  const auto login = http.client("GET / HTTP/1.1\r\nAuthorization: Basic YWRtaW46YWRtaW4=\r\n\r\n");  // admin:admin
  EXPECT_TRUE(login.given);
  EXPECT_TRUE(login.default_password);
  EXPECT_EQ(login.account.view(), "admin");
  EXPECT_TRUE(http.server("HTTP/1.1 401 Unauthorized\r\n\r\n").refused);
}

TEST(Logins, MailInItsThreeWays) {
  Dialogue plain{LoginKind::kSmtp}, steps{LoginKind::kSmtp}, pop{LoginKind::kPop3}, imap{LoginKind::kImap};
  EXPECT_EQ(plain.client("AUTH PLAIN AG51cnNlAHNlY3JldA==\r\n").account.view(), "nurse");
  EXPECT_TRUE(plain.server("535 no\r\n").refused);
  steps.client("AUTH LOGIN\r\n");
  steps.client("bnVyc2U=\r\n");
  EXPECT_EQ(steps.client("c2VjcmV0\r\n").account.view(), "nurse");
  pop.client("USER nurse\r\n");
  EXPECT_EQ(pop.client("PASS secret\r\n").account.view(), "nurse");
  EXPECT_EQ(imap.client("a1 LOGIN \"nurse\" secret\r\n").account.view(), "nurse");
}

// What each side says in turn, the server's lines with '<' before them, and the account that must be named. "secret" is
// the password in all of them, in clear text or in base64.
struct Told {
  LoginKind kind;
  std::vector<std::string_view> lines;
  std::string_view account;
};

TEST(Logins, NoPasswordIsEverNamedWhateverTheOrder) {
  const std::vector<Told> dialogues{
      {LoginKind::kSmtp,
       {"AUTH LOGIN bnVyc2U=\r\n", "<334 UGFzc3dvcmQ6\r\n", "c2VjcmV0\r\n", "<235 ok\r\n", "MAIL FROM:<a@b>\r\n",
        "RCPT TO:<c@d>\r\n"},
       "nurse"},
      {LoginKind::kSmtp, {"auth login\r\n", "bnVyc2U=\r\n", "c2VjcmV0\r\n", "<535 no\r\n"}, "nurse"},
      {LoginKind::kSmtp, {"AUTH PLAIN\r\n", "<334 \r\n", "AG51cnNlAHNlY3JldA==\r\n", "<235 ok\r\n"}, "nurse"},
      {LoginKind::kFtp, {"USER nurse\r\nPASS secret\r\n", "<530 no\r\n", "PASS secret\r\n"}, "nurse"},
      {LoginKind::kPop3, {"USER nurse\r\n", "PASS secret\r\n", "<-ERR\r\n"}, "nurse"},
      {LoginKind::kImap, {"1 LOGIN nurse secret\r\n", "<1 NO\r\n"}, "nurse"},
      {LoginKind::kImap, {"1 LOGIN {5}\r\n", "<+\r\n", "nurse {6}\r\n", "<+\r\n", "secret\r\n"}, "{5}"},
      {LoginKind::kTelnet,
       {"<login: ", "nurse\r\n", "<Password: ", "secret\r\n", "<Last login: Mon\r\n$ ", "mysql -psecret\r\n",
        "<Password: ", "secret\r\n"},
       "nurse"},
      {LoginKind::kHttp,
       {"GET / HTTP/1.1\r\nAuthorization: Basic bnVyc2U6c2VjcmV0\r\n\r\n", "<HTTP/1.1 401 no\r\n"},
       "nurse"},
  };
  for (const auto& [kind, lines, account] : dialogues) {
    Dialogue dialogue{kind};
    bool given = false;
    for (const auto line : lines) {
      const Login login = line.starts_with('<') ? dialogue.server(line.substr(1)) : dialogue.client(line);
      const std::string_view note(login.account.text.data(), login.account.text.size());
      EXPECT_EQ(note.find("secret"), std::string_view::npos) << lines[0];
      EXPECT_EQ(note.find("c2VjcmV0"), std::string_view::npos) << lines[0];
      EXPECT_TRUE(!login.given || login.account.view() == account) << lines[0] << login.account.view();
      given = given || login.given;
    }
    EXPECT_TRUE(given) << lines[0];
  }
}

TEST(Logins, WhatIsNoLineIsForgotten) {
  Dialogue ftp{LoginKind::kFtp};
  EXPECT_FALSE(ftp.client(std::string(5000, 'A')).given);
  EXPECT_FALSE(ftp.client("PASS x\r\n").given) << "the rest of an overlong line";
  EXPECT_TRUE(ftp.client("PASS x\r\n").given);
}

TEST(Logins, AreBounded) {
  Logins logins;
  for (std::uint64_t flow = 1; flow < 10'000; ++flow)
    logins.feed(LoginKind::kFtp, mix(flow), true, to_bytes("USER root\r\n"), static_cast<CoarseTick>(flow));
  EXPECT_EQ(logins.feed(LoginKind::kFtp, mix(1), true, to_bytes("PASS x\r\n"), 20'000).account.view(), "")
      << "its account gave way";
  EXPECT_EQ(logins.feed(LoginKind::kFtp, mix(9'999), true, to_bytes("PASS x\r\n"), 20'000).account.view(), "root");
}

TEST(Snmp, TheCommunityIsAPassword) {
  using namespace std::string_view_literals;
  EXPECT_EQ(snmp_default_community(to_bytes("\x30\x1a\x02\x01\x01\x04\x06public\xa0\x0d"sv)), true);
  EXPECT_EQ(snmp_default_community(to_bytes("\x30\x1a\x02\x01\x00\x04\x06h0spit\xa0\x0d"sv)), false);
  EXPECT_FALSE(snmp_default_community(to_bytes("\x30\x1a\x02\x01\x03\x30\x0dxxxxx"sv))) << "version 3 has users";
  EXPECT_FALSE(snmp_default_community(to_bytes("\x30\x1a\x02\x01\x01\x04\x7fpublic"sv)));
}

}  // namespace
}  // namespace wardline::detect
