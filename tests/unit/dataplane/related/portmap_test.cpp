#include "dataplane/related/portmap.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/unit/packet_builder.h"

namespace wardline::related {
namespace {

using test::Bytes;

void put(Bytes& out, std::uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(std::byte(word >> shift & 0xff));
}
Bytes words(std::initializer_list<std::uint32_t> all) {
  Bytes out;
  for (const auto word : all) put(out, word);
  return out;
}
Bytes with_text(Bytes out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  for (const char c : text) out.push_back(std::byte(c));
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}

const Bytes kAskMount = words({77, 0, 2, 100000, 2, 3, 0, 0, 0, 0, 100005, 3, 17, 0});
const Bytes kTell = words({77, 1, 0, 0, 0, 0, 892});

TEST(Portmap, AnAnswerOfVersion2IsAPortOfTheProtocolThatWasAsked) {
  const auto call = read_portmap_call(kAskMount, false);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->xid, 77U);
  EXPECT_EQ(read_reply_number(kTell, false), 77U);
  const auto said = read_portmap_reply(kTell, false, *call);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].port, 892);
  EXPECT_EQ(said[0].proto, packet::kProtoUdp);
  EXPECT_TRUE(said[0].address.unspecified());
}

TEST(Portmap, OverAStreamAMarkStandsInFront) {
  Bytes marked = words({0x80000000 | 56});
  marked.insert(marked.end(), kAskMount.begin(), kAskMount.end());
  EXPECT_TRUE(read_portmap_call(marked, true));
  EXPECT_FALSE(read_portmap_call(marked, false));
}

TEST(Portmap, AnAnswerOfVersion4IsAUniversalAddress) {
  const auto ask = with_text(words({78, 0, 2, 100000, 4, 9, 0, 0, 0, 0, 100003, 3}), "tcp");
  const auto call = read_portmap_call(ask, false);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->proto, packet::kProtoTcp);
  const auto said = read_portmap_reply(with_text(words({78, 1, 0, 0, 0, 0}), "10.2.0.9.8.1"), false, *call);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].port, 2049);
  EXPECT_EQ(said[0].address, test::address("10.2.0.9"));
  const auto v6 = read_portmap_reply(with_text(words({78, 1, 0, 0, 0, 0}), "fd00::9.8.1"), false, *call);
  ASSERT_EQ(v6.size(), 1U);
  EXPECT_EQ(v6[0].address, test::address("fd00::9"));
  for (const auto* wrong : {"", "8.1", "10.2.0.9.8", "10.2.0.9.256.1", "10.2.0.9.8.x", "...."})
    EXPECT_TRUE(read_portmap_reply(with_text(words({78, 1, 0, 0, 0, 0}), wrong), false, *call).empty()) << wrong;
}

TEST(Portmap, OtherCallsRefusalsAndCutMessagesAnnounceNothing) {
  auto other = kAskMount;
  other[23] = std::byte{4};  // DUMP
  EXPECT_FALSE(read_portmap_call(other, false));
  const PortmapCall call{.xid = 77, .version = 2, .proto = 17};
  EXPECT_TRUE(read_portmap_reply(words({77, 1, 1, 0, 0, 0, 892}), false, call).empty());
  EXPECT_TRUE(read_portmap_reply(words({77, 1, 0, 0, 0, 0, 0}), false, call).empty()) << "not registered";
  EXPECT_TRUE(read_portmap_reply(words({77, 1, 0, 0, 0, 0, 70000}), false, call).empty());
  for (std::size_t length = 0; length < kAskMount.size(); ++length)
    EXPECT_FALSE(read_portmap_call(std::span(kAskMount).first(length), false) && length < 52) << length;
  for (std::size_t length = 0; length < kTell.size(); ++length)
    EXPECT_TRUE(read_portmap_reply(std::span(kTell).first(length), false, call).empty()) << length;
}

TEST(Portmap, AnAnswerCountsOnceInItsFlowAndInTime) {
  PortmapCalls calls;
  const PortmapCall call{.xid = 77, .version = 2, .proto = 17};
  calls.ask(1, call, kSecond);
  EXPECT_FALSE(calls.answered(2, 77, kSecond));
  EXPECT_FALSE(calls.answered(1, 78, kSecond));
  EXPECT_TRUE(calls.answered(1, 77, kSecond));
  EXPECT_FALSE(calls.answered(1, 77, kSecond));
  calls.ask(1, call, kSecond);
  EXPECT_FALSE(calls.answered(1, 77, 20 * kSecond));
}

}  // namespace
}  // namespace wardline::related
