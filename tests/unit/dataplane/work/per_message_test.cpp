// Rules that ask what the payload says, of a flow as a whole or of each message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dataplane/facts/hello.h"
#include "tests/unit/dataplane/facts/quic_seal.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using facts::Fact;
using Words = PolicyWords;
using Rules = std::vector<Words::RuleWords>;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20",
               kServer = "10.9.0.1";

Words ward(const Rules& rules) {
  Words words;
  words.rules(Words::kTv, rules);
  words.rules(Words::kPump, rules);
  return words;
}

std::string hello(std::string_view name) {
  const auto bytes = facts::record(facts::Hello().name(name).handshake());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Words named(std::string text) {
  return ward({{.peer = kServer, .apps = {Words::kHello}, .port = 443, .when = {{Fact::kTlsSni, {std::move(text)}}}}});
}

class TvTalk {
 public:
  TvTalk(Words words, std::uint16_t port, WorkerOptions options = Rig::small())
      : rig(std::move(words), options), talk(rig, kTvMac, kTvIp, kServer, 40000, port) {
    slot = rig.add_device(kTvMac, Words::kTv);
    talk.handshake();
  }
  Rig rig;
  Talk talk;
  SlotId slot = kNoSlot;
};

TEST(FlowFacts, ANameThatTheRuleListsPassesAndAnotherIsBlocked) {
  TvTalk good(named("*.maker.example"), 443);
  EXPECT_EQ(good.talk.device_says(hello("Pump.Maker.Example")), Reason::kNone);
  EXPECT_EQ(good.talk.peer_says("answer"), Reason::kNone);
  TvTalk bad(named("*.maker.example"), 443);
  EXPECT_EQ(bad.talk.device_says(hello("c2.other.example")), Reason::kCondition);
  const auto events = bad.rig.drain(EventKind::kViolation);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].fact, Fact::kTlsSni);
  EXPECT_STREQ(events[0].note.data(), "c2.other.example");
}

TEST(FlowFacts, AHelloWithoutANameIsNoneThatTheRuleLists) {
  TvTalk tv(named("*.maker.example"), 443);
  const auto bytes = facts::record(facts::Hello().handshake());
  EXPECT_EQ(tv.talk.device_says({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), Reason::kCondition);
}

TEST(FlowFacts, AHelloInSeveralSegmentsIsWaitedFor) {
  TvTalk good(named("pump.maker.example"), 443);
  const auto text = hello("pump.maker.example");
  for (std::size_t at = 0; at < text.size(); at += 20)
    EXPECT_EQ(good.talk.device_says(text.substr(at, 20)), Reason::kNone) << at;
  EXPECT_EQ(good.talk.device_says(std::string(4000, 'x')), Reason::kNone) << "it is decided";
  TvTalk bad(named("pump.maker.example"), 443);
  const auto other = hello("pump.other.example");
  Reason last = Reason::kNone;
  for (std::size_t at = 0; at < other.size(); at += 20) last = bad.talk.device_says(other.substr(at, 20));
  EXPECT_EQ(last, Reason::kCondition);
}

TEST(FlowFacts, AnotherRuleMayCarryWhatOneRuleRefuses) {
  TvTalk tv(ward({{.peer = kServer, .apps = {Words::kHello}, .when = {{Fact::kTlsSni, {"a.example"}}}},
                  {.peer = kServer, .apps = {Words::kHello}, .when = {{Fact::kTlsSni, {"b.example"}}}}}),
            443);
  EXPECT_EQ(tv.talk.device_says(hello("b.example")), Reason::kNone);
}

TEST(FlowFacts, AnEssentialFlowThatSaysSomethingElseIsToldAndNotDropped) {
  TvTalk tv(ward({{.peer = kServer,
                   .apps = {Words::kHello},
                   .port = 443,
                   .essential = true,
                   .when = {{Fact::kTlsSni, {"a.example"}}}}}),
            443);
  EXPECT_EQ(tv.talk.device_says(hello("b.example")), Reason::kNone);
  const auto events = tv.rig.drain(EventKind::kViolation);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].verdict, enforce::Verdict::kWouldBlock);
  EXPECT_TRUE(events[0].essential);
}

TEST(FlowFacts, ANewPolicyAsksWhatWasKept) {
  TvTalk tv(named("*.example"), 443);
  EXPECT_EQ(tv.talk.device_says(hello("a.example")), Reason::kNone);
  Words same = named("a.*");
  tv.rig.publish(same);
  EXPECT_EQ(tv.talk.device_says("x"), Reason::kNone);
  Words other = named("b.*");
  tv.rig.publish(other);
  EXPECT_EQ(tv.talk.device_says("x"), Reason::kCondition);
}

TEST(FlowFacts, AFactThatWasNotKeptIsTrustedUnlessTheFailureTableDrops) {
  TvTalk tv(ward({{.peer = kServer, .apps = {Words::kHello}, .port = 443}}), 443);
  EXPECT_EQ(tv.talk.device_says(hello("a.example")), Reason::kNone);
  Words asks = named("b.example");
  tv.rig.publish(asks);
  EXPECT_EQ(tv.talk.device_says("x"), Reason::kNone);
  tv.rig.drain();
  tv.rig.worker().finish(tv.rig.now());
  EXPECT_TRUE(tv.rig.drain(EventKind::kFlow).at(0).facts_unknown) << "and the record says so";

  TvTalk strict(ward({{.peer = kServer, .apps = {Words::kHello}, .port = 443}}), 443);
  EXPECT_EQ(strict.talk.device_says(hello("a.example")), Reason::kNone);
  Words drops = named("b.example");
  drops.plain().on_failure[static_cast<std::size_t>(Reason::kMidstream)] = enforce::FailureAction::kDrop;
  strict.rig.publish(drops);
  EXPECT_EQ(strict.talk.device_says("x"), Reason::kMidstream);
}

TEST(FlowFacts, WhatAServerSaysIsWaitedFor) {
  const Rules rules = {
      {.peer = kServer, .apps = {Words::kWeb}, .port = 80, .when = {{Fact::kHttpServer, {"Maker/*"}}}}};
  TvTalk good(ward(rules), 80);
  EXPECT_EQ(good.talk.device_says("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone);
  EXPECT_EQ(good.talk.peer_says("HTTP/1.1 200 OK\r\nServer: Maker/2\r\n\r\n"), Reason::kNone);
  TvTalk bad(ward(rules), 80);
  EXPECT_EQ(bad.talk.device_says("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone);
  EXPECT_EQ(bad.talk.peer_says("HTTP/1.1 200 OK\r\nServer: Other\r\n\r\n"), Reason::kCondition);
}

TEST(FlowFacts, AHelloOfQuicInTwoDatagramsIsPutTogether) {
  for (const bool right : {true, false}) {
    Rig rig(
        ward({{.peer = kServer, .apps = {Words::kQuic}, .port = 443, .when = {{Fact::kTlsSni, {"*.maker.example"}}}}}));
    rig.add_device(kTvMac, Words::kTv);
    const auto hello = facts::Hello()
                           .extension(0x0033, facts::Octets(1216))  // a post-quantum key share comes first
                           .name(right ? "pump.maker.example" : "pump.other.example")
                           .handshake();
    const auto say = [&](std::size_t offset, std::size_t length, unsigned number) {
      const auto part = std::span<const std::byte>(hello).subspan(offset, length);
      const auto bytes = facts::seal_initial(facts::QuicVersion::kV1, facts::crypto_frame(offset, part), 1162, number);
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return rig.from_device(
          frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).udp(50000, 443).payload(text));
    };
    EXPECT_EQ(say(0, 1000, 0), Reason::kNone);
    EXPECT_EQ(rig.worker().buffers_in_use(), 2U) << "kept facts and a hello";
    EXPECT_EQ(say(1000, hello.size() - 1000, 1), right ? Reason::kNone : Reason::kCondition);
    EXPECT_EQ(rig.worker().buffers_in_use(), 1U);
  }
}

const Rules kGetOnly = {
    {.peer = kServer, .apps = {Words::kWeb}, .port = 80, .when = {{Fact::kHttpMethod, {"GET", "HEAD"}}}}};

TEST(PerMessage, APostInAGetOnlyRuleCondemnsTheFlowAtAnyDepth) {
  TvTalk tv(ward(kGetOnly), 80);
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone) << i;
    ASSERT_EQ(tv.talk.peer_says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), Reason::kNone) << i;
  }
  EXPECT_EQ(tv.talk.device_says("POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n"), Reason::kCondition);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kCondition) << "it is condemned";
  EXPECT_EQ(tv.talk.peer_says("anything"), Reason::kCondition);
}

TEST(PerMessage, TheFirstMessageIsJudgedWithTheProof) {
  TvTalk tv(ward(kGetOnly), 80);
  EXPECT_EQ(tv.talk.device_says("POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n"), Reason::kCondition);
}

TEST(PerMessage, WhatIsNoMessageIsNotTheApplication) {
  TvTalk tv(ward(kGetOnly), 80);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says("\x16\x03\x01 something else"), Reason::kAppMismatch);
}

TEST(PerMessage, EachRuleMayCarryAMessage) {
  TvTalk tv(ward({{.peer = kServer, .apps = {Words::kWeb}, .when = {{Fact::kHttpMethod, {"GET"}}}},
                  {.peer = kServer, .apps = {Words::kWeb}, .when = {{Fact::kHttpMethod, {"POST"}}}}}),
            80);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says("POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says("PUT /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"), Reason::kCondition);
}

TEST(PerMessage, AMessageThatHidesWhatIsAskedForIsRefused) {
  TvTalk tv(ward({{.peer = kServer, .apps = {Words::kWeb}, .when = {{Fact::kHttpHost, {"a.example"}}}}}), 80);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.0\r\n\r\n"), Reason::kCondition);
}

TEST(PerMessage, ARetransmissionOfTheSegmentThatProvedTheApplicationPasses) {
  TvTalk tv(ward(kGetOnly), 80);
  const std::string head = "GE", rest = "T /a HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(tv.talk.device_says(head), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says(rest), Reason::kNone);
  const auto back = static_cast<std::uint32_t>(-static_cast<std::int32_t>(rest.size()));
  EXPECT_EQ(tv.rig.from_device(tv.talk.device_segment(back, rest)), Reason::kNone);
}

TEST(PerMessage, AFlowIsEvidenceOfWhatItsDeviceSpeaks) {
  TvTalk tv(ward(kGetOnly), 80);
  EXPECT_EQ(tv.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kNone);
  EXPECT_THAT(tv.rig.drain(EventKind::kSpeaks), testing::SizeIs(1));
}

TEST(PerMessage, WithoutRoomToFollowMessagesTheFailureTableSpeaks) {
  auto options = Rig::small();
  options.framed = 0;
  TvTalk open(ward(kGetOnly), 80, options);
  EXPECT_EQ(open.talk.device_says("POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n"), Reason::kNone);
  Words words = ward(kGetOnly);
  words.plain().on_failure[static_cast<std::size_t>(Reason::kBufferPoolExhausted)] = enforce::FailureAction::kDrop;
  TvTalk closed(std::move(words), 80, options);
  EXPECT_EQ(closed.talk.device_says("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kBufferPoolExhausted);
}

TEST(PerMessage, AResultThatNoRuleListsCondemnsAndItsAcknowledgementsPass) {
  TvTalk tv(ward({{.peer = kServer, .apps = {Words::kResults}, .when = {{Fact::kHl7MessageType, {"ORU^R01"}}}}}), 2575);
  const auto message = [](std::string_view type) {
    return "\x0bMSH|^~\\&|MON|4B|GW|H|2026||" + std::string(type) + "|1|P|2.6\rPID|1\r\x1c\r";
  };
  EXPECT_EQ(tv.talk.device_says(message("ORU^R01^ORU_R01")), Reason::kNone);
  EXPECT_EQ(tv.talk.peer_says(message("ACK")), Reason::kNone);
  EXPECT_EQ(tv.talk.device_says(message("ADT^A01")), Reason::kCondition);
}

const std::string kRead("\x81\x0a\x00\x0a\x01\x04\x00\x05\x01\x0c", 10),
    kWrite("\x81\x0a\x00\x0a\x01\x04\x00\x05\x02\x0f", 10);

FrameBuilder from_tv() {
  return frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).udp(47808, 47808);
}

TEST(PerMessage, ADatagramThatWritesIsDroppedAndReadsGoOn) {
  Rig rig(ward({{.peer = kServer, .apps = {Words::kController}, .when = {{Fact::kBacnetAccess, {"read"}}}}}));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(from_tv().payload(kRead)), Reason::kNone);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(rig.from_device(from_tv().payload(kRead)), Reason::kNone);
  EXPECT_EQ(rig.from_device(from_tv().payload(kWrite)), Reason::kCondition);
  EXPECT_EQ(rig.from_device(from_tv().payload(kRead)), Reason::kNone) << "only the datagram";
  EXPECT_EQ(rig.from_core(
                frame().from("02:00:00:00:00:fe").to(kTvMac).ipv4(kServer, kTvIp).udp(47808, 47808).payload(kWrite)),
            Reason::kCondition)
      << "either side asks";
  const auto events = rig.drain(EventKind::kViolation);
  ASSERT_GE(events.size(), 1u);
  EXPECT_EQ(events[0].fact, Fact::kBacnetAccess);
  EXPECT_STREQ(events[0].note.data(), "write");
}

TEST(PerMessage, TheFirstDatagramIsJudgedToo) {
  Rig rig(ward({{.peer = kServer, .apps = {Words::kController}, .when = {{Fact::kBacnetAccess, {"read"}}}}}));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(from_tv().payload(kWrite)), Reason::kCondition);
  EXPECT_EQ(rig.from_device(from_tv().payload(kRead)), Reason::kNone);
}

TEST(PerMessage, DatagramsAreAskedFromANewPolicyOn) {
  Rig rig(ward({{.peer = kServer, .apps = {Words::kController}}}));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(from_tv().payload(kWrite)), Reason::kNone);
  Words asks = ward({{.peer = kServer, .apps = {Words::kController}, .when = {{Fact::kBacnetAccess, {"read"}}}}});
  rig.publish(asks);
  EXPECT_EQ(rig.from_device(from_tv().payload(kWrite)), Reason::kCondition);
}

}  // namespace
}  // namespace wardline::test
