// What SIP, RTSP, H.323 and FTP announce.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/related/ftp.h"
#include "dataplane/related/h323.h"
#include "dataplane/related/rtsp.h"
#include "dataplane/related/sdp.h"
#include "tests/unit/packet_builder.h"

namespace wardline::related {

// Found by gtest to print an announcement.
void PrintTo(const Announcement& said, std::ostream* out) {
  *out << "kind " << static_cast<int>(said.kind) << " proto " << int{said.proto} << " port " << said.port;
}
static bool operator==(const Announcement& a, const Announcement& b) {
  return a.kind == b.kind && a.proto == b.proto && a.port == b.port && a.address == b.address;
}

namespace {

using test::address;
using test::to_bytes;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Announcement> all(const Announcements& said) {
  return {said.begin(), said.end()};
}

TEST(Sdp, MediaWaitAtTheAddressOfTheirConnectionLine) {
  const auto said =
      read_sdp(to_bytes("INVITE sip:2@10.2.0.9 SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n"
                        "v=0\r\no=- 1 1 IN IP4 10.1.0.2\r\ns=-\r\nc=IN IP4 10.1.0.2\r\nt=0 0\r\n"
                        "m=audio 49170 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
                        "m=video 51372/1 RTP/SAVPF 31\r\nc=IN IP4 10.1.0.3\r\na=rtcp:60000 IN IP4 10.1.0.3\r\n"
                        "m=image 52000 udptl t38\r\n"));
  const Address own = address("10.1.0.2"), second = address("10.1.0.3");
  EXPECT_THAT(
      all(said),
      ElementsAre(Announcement{Kind::kMedia, 17, 49170, own}, Announcement{Kind::kMediaControl, 17, 49171, own},
                  Announcement{Kind::kMedia, 17, 51372, second}, Announcement{Kind::kMediaControl, 17, 60000, second},
                  Announcement{Kind::kMedia, 17, 52000, own}));
}

TEST(Sdp, RefusedMediaTcpAndGroupsAnnounceNothingOfTheirOwn) {
  EXPECT_THAT(all(read_sdp(to_bytes("c=IN IP4 10.1.0.2\r\nm=audio 0 RTP/AVP 0\r\nm=message 5060 TCP/MSRP *\r\n"))),
              IsEmpty());
  EXPECT_THAT(all(read_sdp(to_bytes("m=audio x RTP/AVP 0\r\nm=\r\nm=audio 99999 RTP/AVP 0\r\nc=\r\na=rtcp:\r\n"))),
              IsEmpty());
  const auto group = read_sdp(to_bytes("c=IN IP4 239.1.2.3/127\r\nm=audio 5004 RTP/AVP 0\r\n"));
  EXPECT_TRUE(group[0].address.unspecified()) << "an address of a group is not taken";
}

TEST(Sdp, Ipv6AndADescriptionThatBeginsInTheMiddle) {
  const auto said = read_sdp(to_bytes("pe=x\nm=audio 5004 RTP/AVP 0\nc=IN IP6 fd00::2\n"));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].address, address("fd00::2"));
}

TEST(Sdp, MoreThanThereIsRoomForIsLeftOut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "m=audio " + std::to_string(5000 + 2 * i) + " RTP/AVP 0\r\n";
  EXPECT_EQ(read_sdp(to_bytes(text)).size(), Announcements::kMost);
}

TEST(Rtsp, EachSideTellsOfItsOwnPorts) {
  const auto setup = to_bytes(
      "SETUP rtsp://10.1.0.2/1 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;client_port=4588-4589\r\n\r\n");
  EXPECT_THAT(all(read_rtsp(setup, true)),
              ElementsAre(Announcement{Kind::kMedia, 17, 4588, {}}, Announcement{Kind::kMediaControl, 17, 4589, {}}));
  const auto answer = to_bytes(
      "RTSP/1.0 200 OK\r\ntransport: "
      "RTP/AVP/UDP;unicast;client_port=4588-4589;server_port=6256-6257;source=10.1.0.9\r\n\r\n");
  const Address source = address("10.1.0.9");
  EXPECT_THAT(all(read_rtsp(answer, false)), ElementsAre(Announcement{Kind::kMedia, 17, 6256, source},
                                                         Announcement{Kind::kMediaControl, 17, 6257, source}));
}

TEST(Rtsp, InterleavedTcpAndMulticastAnnounceNothing) {
  for (const auto* transport :
       {"RTP/AVP/TCP;unicast;interleaved=0-1;client_port=5000-5001", "RTP/AVP;multicast;client_port=5000-5001",
        "RTP/AVP;unicast;interleaved=0-1", "RTP/AVP;unicast;client_port=", ";;;", ""})
    EXPECT_THAT(all(read_rtsp(to_bytes(std::string("SETUP x RTSP/1.0\r\nTransport: ") + transport + "\r\n"), true)),
                IsEmpty())
        << transport;
}

TEST(Rtsp, OfSeveralTransportsTheDatagramOnesCount) {
  const auto setup =
      to_bytes("SETUP x RTSP/1.0\r\nTransport: RTP/AVP/TCP;interleaved=0-1, RTP/AVP;unicast;client_port=5000-5001\r\n");
  EXPECT_EQ(read_rtsp(setup, true).size(), 2U);
}

TEST(H323, TheSendersOwnAddressWithAPortIsAnAnnouncement) {
  // TPKT, Q.931 Connect with call reference, then an H.245 address in its place.
  test::Bytes call{std::byte{3}, std::byte{0}, std::byte{0}, std::byte{24}, std::byte{8},
                   std::byte{2}, std::byte{1}, std::byte{2}, std::byte{7},  std::byte{0x40}};
  for (const int byte : {10, 1, 0, 2, 0x2a, 0xf8, 0, 10, 9, 0, 1, 0x2a, 0xf9}) call.push_back(std::byte(byte));
  EXPECT_THAT(all(read_h323(call, address("10.1.0.2"))),
              ElementsAre(Announcement{Kind::kCallControl, 6, 11000, {}}, Announcement{Kind::kMedia, 17, 11000, {}}))
      << "another address is not the sender's";
  call[4] = std::byte{3};  // H.245, openLogicalChannel
  EXPECT_THAT(all(read_h323(call, address("10.1.0.2"))), ElementsAre(Announcement{Kind::kMedia, 17, 11000, {}}));
  call[9] = std::byte{0x41};
  EXPECT_THAT(all(read_h323(call, address("10.1.0.2"))), IsEmpty()) << "no transport address: bits before it";
  EXPECT_THAT(all(read_h323(call, address("fd00::2"))), IsEmpty());
}

TEST(H323, AnAddressAtTheVeryEndHasNoPort) {
  for (std::size_t length = 0; length < 8; ++length) {
    test::Bytes bytes{std::byte{0}, std::byte{10},   std::byte{1},    std::byte{0},
                      std::byte{2}, std::byte{0x2a}, std::byte{0xf8}, std::byte{0}};
    bytes.resize(length);
    EXPECT_EQ(read_h323(bytes, address("10.1.0.2")).size(), length >= 7 ? 1U : 0U) << length;
  }
}

TEST(Ftp, TheSideThatSpeaksDecidesWhatIsRead) {
  EXPECT_EQ(read_ftp(to_bytes("PORT 10,1,0,2,195,80\r\n"), true)[0].port, 50000);
  EXPECT_EQ(read_ftp(to_bytes("eprt |1|10.1.0.2|50001|\r\n"), true)[0].port, 50001);
  EXPECT_EQ(read_ftp(to_bytes("227 Entering Passive Mode (10,2,0,9,195,80).\r\n"), false)[0].port, 50000);
  EXPECT_EQ(read_ftp(to_bytes("229 Entering (|||6446|)\r\n"), false)[0].port, 6446);
  EXPECT_THAT(all(read_ftp(to_bytes("PORT 10,1,0,2,195,80\r\n"), false)), IsEmpty());
  EXPECT_THAT(all(read_ftp(to_bytes("PORT 10,1,0,2,195\r\n"), true)), IsEmpty());
  EXPECT_THAT(all(read_ftp(to_bytes("PORT 10,1,0,2,195,256\r\n"), true)), IsEmpty());
}

}  // namespace
}  // namespace wardline::related
