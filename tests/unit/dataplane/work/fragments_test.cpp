// Fragments through the worker: held, judged as the packet that they are together, released together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/cut.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::FailureAction;
using enforce::Profile;
using testing::ElementsAreArray;
using testing::SizeIs;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe", kTvIp = "10.1.0.20", kServer = "10.9.0.1",
               kTvIp6 = "fd00:1::20", kServer6 = "fd00:9::1", kInternet = "203.0.113.10";

Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
                           {.peer = kServer6, .apps = {Words::kAlpha}, .port = 80},
                           {.peer = kServer, .apps = {Words::kPing}, .proto = packet::kProtoIcmp}});
  return words;
}

FrameBuilder from_tv() {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer);
}
FrameBuilder from_tv6() {
  return frame().from(kTvMac).to(kRouter).ipv6(kTvIp6, kServer6);
}

// 1,800 bytes of payload that say ALPHA first and `late` behind the first piece's end.
std::string text(std::string_view late = "") {
  std::string made = "ALPHA" + std::string(1500, 'x') + std::string(late);
  made.resize(1800, 'y');
  return made;
}

class Fragments : public testing::Test {
 protected:
  Fragments() { tv_ = rig_.add_device(kTvMac, Words::kTv); }
  static Cut alpha(std::string_view late = "", std::uint16_t port = 80) {
    return cut(from_tv(), from_tv().udp(5000, port).payload(text(late)), 17);
  }
  // The reasons of all pieces.
  std::vector<Reason> give(const std::vector<Bytes>& pieces) {
    std::vector<Reason> reasons;
    for (const auto& piece : pieces) reasons.push_back(rig_.one(piece, Side::kDevice));
    return reasons;
  }
  std::uint64_t dropped(Reason reason) {
    return rig_.worker().counters().dropped[static_cast<std::size_t>(reason)].read();
  }
  std::uint64_t held() { return rig_.worker().counters().held.read(); }
  Rig rig_{ward()};
  SlotId tv_;
};

TEST_F(Fragments, AreHeldUntilTheDatagramIsWholeAndGoTogether) {
  auto pieces = alpha().pieces(800);
  ASSERT_THAT(pieces, SizeIs(3));
  rig_.one(pieces[0], Side::kDevice);
  EXPECT_TRUE(rig_.held());
  rig_.one(pieces[1], Side::kDevice);
  EXPECT_TRUE(rig_.released().empty());
  EXPECT_EQ(held(), 2U);
  rig_.one(pieces[2], Side::kDevice);
  EXPECT_THAT(rig_.released(), ElementsAreArray(pieces));
  EXPECT_EQ(held(), 0U);
  rig_.idle();
  EXPECT_FALSE(rig_.worker().holds_frames());
}

TEST_F(Fragments, InReverseOrderTheyAreJudgedAlike) {
  auto pieces = alpha().pieces(800);
  std::ranges::reverse(pieces);
  give(pieces);
  EXPECT_THAT(rig_.released(), ElementsAreArray(pieces));
}

TEST_F(Fragments, CountAsSoManyPacketsOfTheirFlow) {
  const auto pieces = alpha().pieces(800);
  give(pieces);
  while (!rig_.worker().finish(rig_.now())) {
  }
  const auto flows = rig_.drain(EventKind::kFlow);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_EQ(flows[0].packets_from_device, 3U);
  EXPECT_EQ(flows[0].bytes_from_device, pieces[0].size() + pieces[1].size() + pieces[2].size());
  EXPECT_EQ(flows[0].app, Words::kAlpha);
}

TEST_F(Fragments, AThreatInALaterOneDropsAll) {
  give(alpha("EVIL").pieces(800));
  EXPECT_TRUE(rig_.released().empty());
  EXPECT_EQ(dropped(Reason::kDetection), 3U);
  EXPECT_THAT(rig_.drain(EventKind::kDetection), SizeIs(1));
}

TEST_F(Fragments, AThreatAcrossTwoOfThemIsSeen) {
  const auto made = cut(from_tv(), from_tv().udp(5000, 80).payload("ALPHA___123456EVILxxxxxx"), 17);
  EXPECT_EQ(as_text(std::span(made.transport).subspan(22, 4)), "EVIL");
  give(made.pieces(24));
  EXPECT_EQ(dropped(Reason::kDetection), 2U);
}

TEST_F(Fragments, AreJudgedByTheirPorts) {
  give(alpha("", 4444).pieces(800));
  EXPECT_EQ(dropped(Reason::kNoRule), 3U);
  EXPECT_THAT(rig_.drain(EventKind::kViolation), SizeIs(1));
}

TEST_F(Fragments, OverlappingOnesAreDroppedAndWhatStillComes) {
  rig_.worker();
  for (const auto mode : {enforce::Mode::kEnforce, enforce::Mode::kMonitor}) {
    Words words = ward();
    words.ward().mode = mode;
    rig_.publish(words);
    const auto before = dropped(Reason::kFragmentOverlap);
    const auto made = alpha();
    EXPECT_EQ(rig_.one(made.piece(0, 800), Side::kDevice), Reason::kNone);
    EXPECT_EQ(rig_.one(made.piece(792, 800), Side::kDevice), Reason::kFragmentOverlap);
    EXPECT_EQ(rig_.one(made.piece(1592, 800), Side::kDevice), Reason::kFragmentOverlap);
    EXPECT_EQ(dropped(Reason::kFragmentOverlap), before + 3);
    EXPECT_TRUE(rig_.released().empty());
    rig_.advance(2 * kSecond);
    rig_.idle();
  }
  EXPECT_FALSE(rig_.drain(EventKind::kViolation).empty());
}

TEST_F(Fragments, ARepeatedOneIsDroppedAndTheDatagramGoesOn) {
  const auto pieces = alpha().pieces(800);
  rig_.one(pieces[0], Side::kDevice);
  EXPECT_EQ(rig_.one(pieces[0], Side::kDevice), Reason::kFragmentDuplicate);
  rig_.one(pieces[1], Side::kDevice);
  rig_.one(pieces[2], Side::kDevice);
  EXPECT_THAT(rig_.released(), ElementsAreArray(pieces));
}

TEST_F(Fragments, WithoutTheRestGoOnAfterASecondAsTheFailureTableSays) {
  const auto pieces = alpha().pieces(800);
  rig_.one(pieces[0], Side::kDevice);
  rig_.one(pieces[1], Side::kDevice);
  rig_.advance(kSecond / 2);
  rig_.idle();
  EXPECT_TRUE(rig_.released().empty());
  rig_.advance(kSecond);
  rig_.idle();
  EXPECT_THAT(rig_.released(), SizeIs(2));

  Words words = ward();
  words.plain().on_failure[static_cast<std::size_t>(Reason::kFragment)] = FailureAction::kDrop;
  rig_.publish(words);
  rig_.one(pieces[1], Side::kDevice);
  rig_.advance(2 * kSecond);
  rig_.idle();
  EXPECT_EQ(dropped(Reason::kFragment), 1U);
  EXPECT_EQ(held(), 0U);
}

TEST_F(Fragments, BeyondADevicesShareGoByTheirHeaders) {
  auto made = alpha();
  for (std::uint16_t id = 1; id <= 70; ++id) {
    made.id = id;
    rig_.one(made.piece(0, 800), Side::kDevice);
    EXPECT_EQ(rig_.held(), id <= 64) << id;
  }
  EXPECT_EQ(held(), 64U);
}

TEST_F(Fragments, OfAQuarantinedDeviceAreDropped) {
  rig_.quarantine(tv_, Profile::kCutOff);
  give(alpha().pieces(800));
  EXPECT_EQ(dropped(Reason::kQuarantine), 3U);
  rig_.one(alpha().piece(0, 800), Side::kDevice);
  rig_.advance(2 * kSecond);
  rig_.idle();
  EXPECT_EQ(dropped(Reason::kQuarantine), 4U) << "also what never became whole";
}

TEST_F(Fragments, ALargePingAndItsAnswerPass) {
  const auto ask = cut(from_tv(), from_tv().echo_request(7, 1).payload(std::string(3000, 'p')), packet::kProtoIcmp);
  const auto back = frame().from(kRouter).to(kTvMac).ipv4(kServer, kTvIp);
  const auto tell = cut(back, FrameBuilder(back).echo_reply(7, 1).payload(std::string(3000, 'p')), packet::kProtoIcmp);
  give(ask.pieces(1480));
  for (const auto& piece : tell.pieces(1480)) rig_.one(piece, Side::kCore);
  EXPECT_THAT(rig_.released(), SizeIs(6));
  EXPECT_EQ(rig_.worker().flows_in_use(), 1U);
}

TEST_F(Fragments, OfIpv6WithExtensionHeadersAreJudgedWhole) {
  const auto headers = from_tv6().extension(60, Bytes(6));
  const auto evil = cut(headers, from_tv6().udp(5000, 80).payload(text("EVIL")), 17, true);
  give(evil.pieces(800));
  EXPECT_EQ(dropped(Reason::kDetection), 3U);
  auto fine = cut(headers, from_tv6().udp(5001, 80).payload(text()), 17, true);
  fine.id = 2;
  const auto pieces = fine.pieces(800);
  give(pieces);
  EXPECT_THAT(rig_.released(), ElementsAreArray(pieces));
}

TEST_F(Fragments, AnAtomicOneIsAPacketLikeAnyOther) {
  EXPECT_EQ(rig_.from_device(from_tv6().udp(5000, 80).payload("ALPHA").fragment(0, false)), Reason::kNone);
  EXPECT_FALSE(rig_.held());
}

TEST_F(Fragments, ATinyFirstOneIsMalformed) {
  const auto tcp = cut(from_tv(), from_tv().tcp(40000, 80).payload("ALPHA and more"), 6);
  EXPECT_EQ(rig_.one(tcp.piece(0, 8), Side::kDevice), Reason::kMalformed);
}

TEST_F(Fragments, OfTwoDevicesWithOneAddressAreNotMixed) {
  const auto own = alpha().pieces(1000);
  const auto headers = frame().from("02:00:00:00:00:66").to(kRouter).ipv4(kTvIp, kServer);
  const auto forged = cut(headers, from_tv().udp(5000, 80).payload(text("EVIL")), 17).pieces(1000);
  rig_.one(own[0], Side::kDevice);
  rig_.one(forged[1], Side::kDevice);
  EXPECT_TRUE(rig_.released().empty());
  rig_.one(own[1], Side::kDevice);
  EXPECT_THAT(rig_.released(), ElementsAreArray(own));
}

}  // namespace
}  // namespace wardline::test
