#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {
namespace {

using testing::ElementsAre;

FactSet request(std::string_view head) {
  return read(read_http, Wire().text(head));
}
FactSet answer(std::string_view head) {
  return read(read_http, Wire().text(head), false);
}

TEST(HttpReader, ARequestTellsMethodHostAndAgentInAnySpellingOfTheNames) {
  const auto facts = request(
      "POST /fhir HTTP/1.1\r\nHOST:  Fhir.Example:8443 \r\nuser-AGENT:\tpump/1.2 (a b)\r\nX: y\r\n\r\nHost: body");
  EXPECT_EQ(value(facts, Fact::kHttpMethod), "POST");
  EXPECT_EQ(value(facts, Fact::kHttpHost), "fhir.example");
  EXPECT_EQ(value(facts, Fact::kHttpUserAgent), "pump/1.2 (a b)");
}

TEST(HttpReader, TheTargetsHostCountsInsteadOfTheHeaders) {
  const auto facts =
      request("GET http://User@Real.Example:80/x?http://no.example HTTP/1.1\r\nHost: other.example\r\n\r\n");
  EXPECT_THAT(values(facts, Fact::kHttpHost), ElementsAre("real.example"));
  EXPECT_EQ(value(request("CONNECT tunnel.example:443 HTTP/1.1\r\n\r\n"), Fact::kHttpHost), "tunnel.example");
  EXPECT_EQ(value(request("GET /http://no.example HTTP/1.1\r\nHost: yes.example\r\n\r\n"), Fact::kHttpHost),
            "yes.example");
}

TEST(HttpReader, TwoHostsAreBothTold) {
  const auto facts = request("GET / HTTP/1.1\r\nHost: one.example\r\nHost : two.example\r\n\r\n");
  EXPECT_THAT(values(facts, Fact::kHttpHost), ElementsAre("one.example", "two.example"));
}

TEST(HttpReader, AddressesAreHostsToo) {
  EXPECT_EQ(value(request("GET / HTTP/1.1\r\nHost: [2001:DB8::7]:80\r\n\r\n"), Fact::kHttpHost), "2001:db8::7");
  EXPECT_EQ(value(request("GET / HTTP/1.1\r\nHost: 192.0.2.7:80\r\n\r\n"), Fact::kHttpHost), "192.0.2.7");
  EXPECT_EQ(value(request("GET / HTTP/1.1\r\nHost: a<b>\r\n\r\n"), Fact::kHttpHost), "");
}

TEST(HttpReader, AHeadThatIsCutGivesItsWholeLines) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: pump\r\n\r\n";
  for (std::size_t length = 0; length <= head.size(); ++length) {
    const auto facts = request(head.substr(0, length));
    EXPECT_EQ(value(facts, Fact::kHttpHost), length < 33 ? "" : "a.example") << length;
    EXPECT_EQ(value(facts, Fact::kHttpUserAgent), length < 51 ? "" : "pump") << length;
  }
}

TEST(HttpReader, BareLineFeedsEndLinesAndFoldedLinesAreLeftOut) {
  const auto facts = request("GET / HTTP/1.0\nHost: a.example\n Host: b.example\nUser-Agent: x\n\n");
  EXPECT_THAT(values(facts, Fact::kHttpHost), ElementsAre("a.example"));
  EXPECT_EQ(value(facts, Fact::kHttpUserAgent), "x");
}

TEST(HttpReader, AnAnswerTellsItsServer) {
  EXPECT_EQ(value(answer("HTTP/1.1 200 OK\r\nServer: lighttpd/1.4\r\n\r\n"), Fact::kHttpServer), "lighttpd/1.4");
  EXPECT_TRUE(answer("HTTP/1.1 200 OK\r\nHost: a.example\r\n\r\n").values().empty());
}

TEST(HttpReader, WhatIsNoHttp1SaysNothing) {
  EXPECT_TRUE(request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").values().empty());
  EXPECT_TRUE(request("OPTIONS rtsp://a.example/ RTSP/1.0\r\nHost: a\r\n\r\n").values().empty());
  EXPECT_TRUE(request("GET / HTTP/1.1").values().empty());
  EXPECT_TRUE(request("G<T / HTTP/1.1\r\nHost: a.example\r\n\r\n").values().empty());
  EXPECT_TRUE(request("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n").values().empty());
  EXPECT_TRUE(answer("GET / HTTP/1.1\r\nServer: x\r\n\r\n").values().empty());
}

TEST(HttpReader, HeadersBeyondTheBoundAreNotRead) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) head += "X: y\r\n";
  EXPECT_EQ(value(request(head + "Host: a.example\r\n\r\n"), Fact::kHttpHost), "");
}

}  // namespace
}  // namespace wardline::facts
