// SIP and RTSP: one head in the manner of HTTP, of which one field is told.
#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;

const std::string kRegister =
    "REGISTER sip:pbx.example SIP/2.0\r\nFrom: \"Dr. Miller\" <sip:miller@pbx.example>\r\n"
    "User-Agent: Yealink SIP-T46S 66.84.0.10\r\n\r\n";

TEST(SipObserver, ARequestTellsItsAgentAndAnAnswerItsServer) {
  EXPECT_EQ(value_of(observed("sip", By::kClient, kRegister), "sip.agent"), "Yealink SIP-T46S 66.84.0.10");
  EXPECT_EQ(value_of(observed("sip", By::kServer, "SIP/2.0 200 OK\r\nSERVER : Kamailio\r\n\r\n"), "sip.agent"),
            "Kamailio");
}

TEST(SipObserver, NoPersonIsTold) {
  const auto told = observed("sip", By::kClient, kRegister);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].value.contains("iller"));
}

TEST(SipObserver, AFieldBehindTheHeadIsNone) {
  EXPECT_TRUE(observed("sip", By::kClient, "OPTIONS sip:x SIP/2.0\r\n\r\nUser-Agent: x\r\n").empty());
  EXPECT_TRUE(observed("sip", By::kClient, "GET / HTTP/1.1\r\nUser-Agent: x\r\n\r\n").empty());
}

TEST(RtspObserver, ACameraTellsItsServerAndARecorderItsAgent) {
  EXPECT_EQ(
      value_of(observed("rtsp", By::kServer, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Hipcam\r\n\r\n"), "rtsp.server"),
      "Hipcam");
  const auto told =
      observed("rtsp", By::kClient, "DESCRIBE rtsp://x/1 RTSP/1.0\r\nServer: no\r\nUser-Agent: LibVLC/3.0\r\n\r\n");
  EXPECT_EQ(value_of(told, "rtsp.agent"), "LibVLC/3.0");
  EXPECT_EQ(value_of(told, "rtsp.server"), "");
}

TEST(RtspObserver, StandsUpToHostileBytesAsSipDoes) {
  test::expect_stands_up_to_hostile_bytes("sip", By::kClient, kRegister);
  test::expect_stands_up_to_hostile_bytes("rtsp", By::kServer, "RTSP/1.0 200 OK\r\n Folded: x\r\nServer: a\r\n\r\n");
}

}  // namespace
}  // namespace wardline::identity
