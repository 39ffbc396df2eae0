#include <gtest/gtest.h>

#include "captured.h"
#include "observed.h"
#include "tests/unit/dataplane/facts/hello.h"

namespace wardline::identity {
namespace {

using facts::Reader;
using test::value_of;

FrameCopy from_device(std::string_view bytes, bool as_client) {
  auto copy = test::first_bytes(std::string(bytes));
  copy.device_is_client = as_client;
  return copy;
}

TEST(FactObserver, AHelloTellsItsServerNameAndFingerprints) {
  const auto hello = facts::record(facts::browser_hello().handshake());
  const std::string_view bytes(reinterpret_cast<const char*>(hello.data()), hello.size());
  const auto told = observations_of_facts(from_device(bytes, true), Reader::kTls);
  EXPECT_EQ(value_of(told, "tls.sni"), "pump.maker.example");
  EXPECT_EQ(value_of(told, "tls.ja4"), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(value_of(told, "tls.ja3").size(), 32u);
  EXPECT_EQ(told.size(), 3u) << "version and ALPN are no evidence";
  EXPECT_TRUE(observations_of_facts(from_device(bytes, true), Reader::kDns).empty());
}

TEST(FactObserver, ARequestTellsItsAgentAndAnAnswerItsServer) {
  const auto asked = observations_of_facts(
      from_device("GET /patient?name=x HTTP/1.1\r\nHost: a.example\r\nUser-Agent: pump/1\r\n\r\n", true),
      Reader::kHttp);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].source, "http");
  EXPECT_EQ(value_of(asked, "http.user_agent"), "pump/1");
  const auto answered =
      observations_of_facts(from_device("HTTP/1.1 200 OK\r\nServer: pumpd\r\n\r\n", false), Reader::kHttp);
  EXPECT_EQ(value_of(answered, "http.server"), "pumpd");
}

TEST(FactObserver, AnAnswerBehindInterimOnesIsRead) {
  const auto told = observations_of_facts(
      from_device("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: printd\r\n\r\n", false), Reader::kHttp);
  EXPECT_EQ(value_of(told, "http.server"), "printd");
}

TEST(FactObserver, WhatTheFarEndSaysIsNotTheDevices) {
  auto copy = from_device("HTTP/1.1 200 OK\r\nServer: pumpd\r\n\r\n", false);
  copy.side = Side::kCore;
  EXPECT_TRUE(observations_of_facts(copy, Reader::kHttp).empty());
}

TEST(FactObserver, AnAgentThatWouldForgeALogLineIsEscaped) {
  const auto told =
      observations_of_facts(from_device("GET / HTTP/1.1\r\nUser-Agent: a\x1b[2J\xff\r\n\r\n", true), Reader::kHttp);
  EXPECT_EQ(value_of(told, "http.user_agent").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wardline::identity
