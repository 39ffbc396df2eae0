// What an engineer may ask for, and what is told where it is wrong.
#include "controlplane/capture/filter_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/packet_builder.h"

namespace wardline::capture {
namespace {

using test::frame;
using test::FrameBuilder;
using testing::HasSubstr;

bool wants(std::string_view text, const FrameBuilder& built) {
  const auto filter = read_filter(text);
  EXPECT_TRUE(filter) << filter.error().text();
  const auto bytes = built.bytes();
  return filter && filter->wants(cut_headers(bytes), static_cast<std::uint32_t>(bytes.size()));
}

std::string problem(std::string_view text) {
  const auto filter = read_filter(text);
  EXPECT_FALSE(filter) << text;
  return filter ? "" : filter.error().text();
}

const FrameBuilder kHl7 = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(40000, 2575).payload("MSH|");

TEST(CaptureFilterText, MeansWhatItMeansToTcpdump) {
  EXPECT_TRUE(wants("host 10.1.0.2 and port 2575", kHl7));
  EXPECT_TRUE(wants("tcp and (dst net 10.2.0.0/16 or arp)", kHl7));
  EXPECT_TRUE(wants("ether host 02:00:00:00:00:01", kHl7));
  EXPECT_FALSE(wants("not src host 10.1.0.2", kHl7));
  EXPECT_FALSE(wants("udp or icmp", kHl7));
  EXPECT_TRUE(wants("ip6 and host fd00::9", frame().ipv6("fd00::2", "fd00::9").udp(1, 2)));
  EXPECT_TRUE(wants("ether broadcast and arp", frame().to("ff:ff:ff:ff:ff:ff").arp(1, "10.1.0.2", "10.1.0.3")));
}

TEST(CaptureFilterText, PortsMayBeARange) {
  EXPECT_TRUE(wants("portrange 2570-2580", kHl7));
  EXPECT_TRUE(wants("tcp dst portrange 2575-2575 and host 10.1.0.2", kHl7));
  EXPECT_FALSE(wants("src portrange 2570-2580", kHl7));
  EXPECT_FALSE(wants("portrange 2576-39999", kHl7));
  for (const auto* text :
       {"portrange 2570-http", "portrange 2570-", "portrange -2580", "portrange 1-2-3", "port 2570-2580", "2570-2580"})
    EXPECT_THAT(problem(text), HasSubstr("Names are not looked up")) << text;
  EXPECT_THAT(problem("portrange 2570-70000"), HasSubstr("expected tcpdump's words"));
}

TEST(CaptureFilterText, ALengthIsThatOnTheWireWithoutItsTags) {
  constexpr auto kLength = 14 + 20 + 20 + 4;
  EXPECT_TRUE(wants(fmt::format("less {}", kLength), kHl7));
  EXPECT_FALSE(wants(fmt::format("less {}", kLength - 1), kHl7));
  EXPECT_TRUE(wants(fmt::format("greater {} and tcp", kLength), kHl7));
  EXPECT_FALSE(wants(fmt::format("greater {}", kLength + 1), kHl7));
  EXPECT_FALSE(wants(fmt::format("greater {}", kLength + 1), FrameBuilder(kHl7).vlan(20)));
  EXPECT_THAT(problem("less than 100"), HasSubstr("found \"than\""));
}

TEST(CaptureFilterText, LooksThroughTagsUnlessItAsksForThem) {
  const auto tagged = FrameBuilder(kHl7).vlan(20), twice = FrameBuilder(kHl7).vlan(20).vlan(30);
  EXPECT_TRUE(wants("host 10.1.0.2", tagged));
  EXPECT_TRUE(wants("port 2575", twice));
  EXPECT_FALSE(wants("not host 10.1.0.2", twice));
  EXPECT_TRUE(wants("vlan 20 and host 10.1.0.2", tagged));
  EXPECT_TRUE(wants("vlan 20 and vlan 30 and port 2575", twice));
  EXPECT_FALSE(wants("vlan 21", tagged));
  EXPECT_FALSE(wants("vlan", kHl7));
}

TEST(CaptureFilterText, EveryWrongWordIsToldAtItsColumn) {
  const auto told = problem("host pump-3 and port 2575 and lesser 100");
  EXPECT_THAT(told, HasSubstr("column 6: expected a number, an address or one of host, net, port"));
  EXPECT_THAT(told, HasSubstr("found \"pump-3\""));
  EXPECT_THAT(told, HasSubstr("column 31: "));
  EXPECT_THAT(problem("host 10.1.0.2 and vlan 20"), HasSubstr("column 19: `vlan` has to stand first"));
  EXPECT_THAT(problem("port port"), HasSubstr("expected tcpdump's words"));
  EXPECT_THAT(problem("tcp and udp"), HasSubstr("expected tcpdump's words")) << "which no frame can be";
  EXPECT_THAT(problem(""), HasSubstr("the filter is empty"));
  EXPECT_THAT(problem("host \xff"), HasSubstr("printable ASCII"));
  EXPECT_THAT(problem(std::string(kLongestFilter + 1, '(')), HasSubstr("at most 512 bytes"));
}

// libpcap would ask a resolver, and the daemon would wait for the answer.
TEST(CaptureFilterText, NothingIsLookedUp) {
  for (const auto* text : {"host localhost", "host 1.2.3.4.5", "host 10.", "port http", "ether host fade", "host 1-2",
                           "net loopback", "host fade:1", "host 10.1.0.2/x", "tcp[20] = 65", "ip proto tcp"})
    EXPECT_THAT(problem(text), HasSubstr("Names are not looked up")) << text;
}

}  // namespace
}  // namespace wardline::capture
