// More flows and violations than can be told one by one: added up, told in the end, and the books hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "dataplane/packet/packet_view.h"
#include "dataplane/work/event_sums.h"
#include "dataplane/work/flow_event.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kRouter = "02:00:00:00:00:fe",
               kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10", kServer = "10.9.0.1", kOther = "10.9.0.2";
constexpr std::uint64_t kSingly = 4096, kViolationsSingly = 1024;  // in a second

Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}}, {.peer = kOther, .apps = {Words::kAlpha}}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}}});
  return words;
}

WorkerOptions roomy() {
  auto options = Rig::small();
  options.flows_v4 = 65536;
  options.events = 65536;
  return options;
}

struct Books {
  std::uint64_t flows = 0, packets_from = 0, packets_to = 0, bytes_from = 0, bytes_to = 0, records = 0;
};

class EventSums : public testing::Test {
 protected:
  explicit EventSums(WorkerOptions options = roomy()) : rig(ward(), options) {
    tv = rig.add_device(kTvMac, Words::kTv);
    pump = rig.add_device(kPumpMac, Words::kPump);
  }
  // One datagram each; the time stands still between them.
  void flows(int count, const char* peer, int first_port = 1000, const char* mac = kTvMac, const char* ip = kTvIp,
             std::uint16_t server_port = 4000) {
    for (int i = 0; i < count; i += 32) {
      std::vector<std::pair<Bytes, Side>> frames;
      for (int n = i; n < std::min(count, i + 32); ++n)
        frames.emplace_back(frame()
                                .from(mac)
                                .to(kRouter)
                                .ipv4(ip, peer)
                                .udp(static_cast<std::uint16_t>(first_port + n), server_port)
                                .payload("ALPHA")
                                .bytes(),
                            Side::kDevice);
      rig.burst(frames);
    }
  }
  // All flows end; their records are collected on the way.
  void expire(int seconds = 60) {
    for (int i = 0; i < seconds; ++i) {
      rig.advance(kSecond);
      for (int n = 0; n < 400; ++n) rig.idle(), rig.advance(kMillisecond);
      collect();
    }
  }
  void collect() {
    for (const Event& event : rig.drain(EventKind::kFlow)) {
      events.push_back(event);
      books.flows += event.flows;
      books.packets_from += event.packets_from_device;
      books.packets_to += event.packets_to_device;
      books.bytes_from += event.bytes_from_device;
      books.bytes_to += event.bytes_to_device;
      ++books.records;
    }
  }
  std::uint64_t tally(Tally what) const { return const_cast<Rig&>(rig).worker().counters().of(what); }

  Rig rig;
  SlotId tv = kNoSlot, pump = kNoSlot;
  std::vector<Event> events;
  Books books;
};

TEST(OneSum, TellsWhetherAnyOfItsFlowsBroughtPayloadFromTheDevice) {
  for (const bool brought : {true, false}) {
    work::EventSums sums(64, 1);
    std::vector<Event> told;
    const auto take = [&told](const Event& event) {
      told.push_back(event);
      return true;
    };
    for (const bool payload : {false, brought, false}) {
      Event event;
      event.payload_from_device = payload;
      work::EventSums::Sought sum;
      sums.seek(event, sum);
      sums.add(work::EventSums::share_of(event), sum, kSecond, take, take);
    }
    ASSERT_TRUE(sums.flush(kSecond, take));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].flows, 3U);
    EXPECT_EQ(told[0].payload_from_device, brought);
  }
}

// What a record of the bits of `seed` is told as, and what it is added up as.
template <typename Key>
struct BothWays {
  explicit BothWays(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    auto* const bytes = reinterpret_cast<unsigned char*>(&hot);
    for (std::size_t i = 0; i < sizeof hot; ++i) bytes[i] = static_cast<unsigned char>(random());
    cold = {.first_seen = 7, .rule = static_cast<RuleId>(random()), .side = 0, .app = 31, .generation = 1};
    hot.key.pass = seed & 1;
    hot.opened_by = random() % 3;
    hot.verdict = random() % 3;
    around = {.bundle = 3, .device_class = 1234, .facts_unknown = (seed & 2) != 0};
    ends = flow::endpoints_of(hot.key);
  }
  Event event() const {
    Event event;
    event.kind = EventKind::kFlow;
    event.bundle = around.bundle;
    work::tell_record(event, hot, cold, ends);
    event.device_class = around.device_class;
    event.first_seen = Tick{cold.first_seen} << 20;
    event.time = kSecond;
    event.facts_unknown = around.facts_unknown;
    return event;
  }

  flow::HotRecord<Key> hot;
  flow::ColdRecord cold;
  work::EventSums::Surroundings around;
  flow::Endpoints ends;
};

template <typename Key>
void expect_the_same_sum(std::uint64_t seed) {
  const BothWays<Key> flow(seed);
  const Event event = flow.event();
  work::EventSums sums(64, 1);
  work::EventSums::Sought told, ended;
  sums.seek(event, told);
  sums.seek_end(flow.hot, flow.cold, flow.ends, flow.around, ended);
  ASSERT_TRUE(told.group == ended.group) << seed;
  ASSERT_EQ(told.hash, ended.hash) << seed;
  ASSERT_EQ(told.one_tag, ended.one_tag) << seed;
  const auto share = work::share_of(flow.hot, flow.cold, flow.ends, coarse(kSecond));
  ASSERT_TRUE(share == work::EventSums::share_of(event)) << seed;

  std::vector<Event> all;
  const auto take = [&all](const Event& sum) {
    all.push_back(sum);
    return true;
  };
  sums.add(share, ended, kSecond, take, take);
  ASSERT_TRUE(sums.flush(kSecond, take));
  ASSERT_EQ(all.size(), 1U);
  const Event& sum = all[0];
  EXPECT_EQ(sum.bundle, event.bundle);
  EXPECT_EQ(sum.proto, event.proto);
  EXPECT_EQ(sum.opened_by, event.opened_by);
  EXPECT_EQ(sum.guessed, event.guessed);
  EXPECT_EQ(sum.verdict, event.verdict);
  EXPECT_EQ(sum.step, event.step);
  EXPECT_EQ(sum.app_state, event.app_state);
  EXPECT_EQ(sum.reason, event.reason);
  EXPECT_EQ(sum.applied_drop, event.applied_drop);
  EXPECT_EQ(sum.segment, event.segment);
  EXPECT_EQ(sum.slot, event.slot);
  EXPECT_EQ(sum.device_class, event.device_class);
  EXPECT_EQ(sum.app, event.app);
  EXPECT_EQ(sum.rule, event.rule);
  EXPECT_EQ(sum.policy_epoch, event.policy_epoch);
  EXPECT_EQ(sum.device_mac, event.device_mac);
  EXPECT_EQ(sum.device_ip, event.device_ip);
  EXPECT_EQ(sum.peer_ip, event.peer_ip);
  EXPECT_EQ(sum.device_port, event.device_port);
  EXPECT_EQ(sum.peer_port, event.peer_port);
  EXPECT_EQ(sum.facts_unknown, event.facts_unknown);
}

TEST(OneSum, TakesAFlowOfWhichNoEventWasMadeAsItWouldTakeTheEvent) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    expect_the_same_sum<flow::FlowKey4>(seed);
    expect_the_same_sum<flow::FlowKey6>(seed);
  }
}

TEST(TellBudget, HasWhatIsLeftOfASecond) {
  work::TellBudget budget(3);
  const CoarseTick start = coarse_duration(5 * kSecond), next = start + coarse_duration(kSecond);
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.has(2, start));
  EXPECT_FALSE(budget.has(3, start));
  EXPECT_TRUE(budget.has(3, next));
  EXPECT_FALSE(budget.has(4, next));
  EXPECT_FALSE(budget.has(3, start)) << "to ask takes nothing and begins no second";
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
  EXPECT_FALSE(budget.has(1, next - 1));
}

TEST_F(EventSums, WhileTheControlPlaneFollowsEachFlowIsToldByItself) {
  flows(3000, kServer);
  expire();
  EXPECT_EQ(books.records, 3000U);
  EXPECT_EQ(books.flows, 3000U);
  EXPECT_THAT(events, testing::Each(testing::AllOf(testing::Field(&Event::flows, 1U),
                                                   testing::Field(&Event::flow_id, testing::Ne(0U)))));
}

TEST_F(EventSums, WhatIsBeyondABudgetIsAddedUpAndNothingIsLost) {
  flows(30'000, kServer);
  expire();
  EXPECT_EQ(tally(Tally::kFlowsExpired), 30'000U);
  EXPECT_EQ(books.flows + tally(Tally::kFlowRecordsLost), 30'000U);
  EXPECT_EQ(tally(Tally::kFlowRecordsLost), 0U);
  EXPECT_EQ(books.packets_from, 30'000U);
  EXPECT_EQ(
      books.bytes_from,
      30'000U * frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(1, 4000).payload("ALPHA").bytes().size());
  EXPECT_LT(books.records, 3 * kSingly);
}

TEST_F(EventSums, AFullRingOfEventsIsNoReasonToLoseFlows) {
  Rig narrow(ward(), [] {
    auto options = roomy();
    options.events = 256;
    return options;
  }());
  narrow.add_device(kTvMac, Words::kTv);
  for (int i = 0; i < 5000; ++i)
    narrow.from_device(frame()
                           .from(kTvMac)
                           .to(kRouter)
                           .ipv4(kTvIp, kServer)
                           .udp(static_cast<std::uint16_t>(1000 + i), 4000)
                           .payload("ALPHA"));
  narrow.drain();
  for (int i = 0; i < 40'000; ++i) narrow.idle(), narrow.advance(10 * kMillisecond);  // nobody drains
  std::uint64_t told = 0;
  for (const Event& event : narrow.drain(EventKind::kFlow)) told += event.flows;
  EXPECT_EQ(told, 5000U);
  EXPECT_EQ(narrow.worker().counters().of(Tally::kFlowRecordsLost), 0U);
}

TEST_F(EventSums, ASumSaysWhatItsFlowsHaveInCommonAndNothingElse) {
  flows(10'000, kServer);
  flows(10'000, kOther, 20'000);
  expire();
  std::map<Address, std::uint64_t> by_peer;
  for (const Event& event : events) {
    EXPECT_TRUE(event.final);
    EXPECT_EQ(event.slot, tv);
    EXPECT_EQ(event.device_ip, address(kTvIp));
    EXPECT_EQ(event.peer_port, 4000);
    EXPECT_EQ(event.app, Words::kAlpha);
    EXPECT_EQ(event.verdict, enforce::Verdict::kAllow);
    EXPECT_LE(event.first_seen, event.time);
    EXPECT_EQ(event.flows > 1, event.device_port == 0) << "of several clients' ports";
    EXPECT_TRUE(event.flows == 1 || event.flow_id == 0);
    by_peer[event.peer_ip] += event.flows;
  }
  EXPECT_THAT(by_peer,
              testing::ElementsAre(testing::Pair(address(kServer), 10'000U), testing::Pair(address(kOther), 10'000U)));
}

TEST_F(EventSums, AFloodToManyPeersAndPortsEndsInFewRecords) {
  for (int i = 0; i < 200; ++i)
    flows(100, ("198.51.100." + std::to_string(i)).c_str(), 1000, kTvMac, kTvIp, static_cast<std::uint16_t>(1 + i));
  expire();
  EXPECT_EQ(books.flows, 20'000U);
  std::uint64_t sums = 0;
  for (const Event& event : events) sums += event.flow_id == 0;
  EXPECT_LT(sums, 200U);
  EXPECT_THAT(events, testing::Contains(testing::Field(
                          &Event::several,
                          testing::AllOf(testing::Field(&Several::peers, true), testing::Field(&Several::ports, true),
                                         testing::Field(&Several::devices, false)))));
}

TEST_F(EventSums, UnidentifiedDevicesBeyondCountingShareASum) {
  auto options = roomy();
  options.event_sums = 64;
  Rig small(ward(), options);
  for (int i = 0; i < 20'000; i += 32) {
    std::vector<std::pair<Bytes, Side>> frames;
    for (int n = i; n < i + 32; ++n)
      frames.emplace_back(frame()
                              .from(Mac{{2, 1, 0, 0, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)}})
                              .to(kRouter)
                              .ipv4("10.1." + std::to_string(n >> 8) + "." + std::to_string(n & 255), kServer)
                              .udp(1000, 4000)
                              .payload("ALPHA")
                              .bytes(),
                          Side::kDevice);
    small.burst(frames);
  }
  small.drain();
  std::uint64_t flows = 0, shared = 0;
  for (int i = 0; i < 60'000; ++i) {
    small.idle(), small.advance(kMillisecond);
    for (const Event& event : small.drain(EventKind::kFlow)) {
      flows += event.flows;
      if (event.several.devices) shared += event.flows;
      EXPECT_EQ(event.several.devices, event.device_mac.zero());
    }
  }
  EXPECT_EQ(flows + small.worker().counters().of(Tally::kFlowRecordsLost), 20'000U);
  EXPECT_GT(shared, 1000U);
}

TEST_F(EventSums, ADeviceThatScansDoesNotDrownWhatAnotherDid) {
  for (int i = 0; i < 20'000; ++i)
    rig.burst({{frame()
                    .from(kTvMac)
                    .to(kRouter)
                    .ipv4(kTvIp, "198.51.100." + std::to_string(i % 250))
                    .udp(2000, static_cast<std::uint16_t>(1 + i))
                    .bytes(),
                Side::kDevice}});
  rig.from_device(frame().from(kPumpMac).to(kRouter).ipv4(kPumpIp, kOther).udp(2000, 9).payload("BETA"));
  for (int i = 0; i < 15'000; ++i) rig.idle(), rig.advance(kMillisecond);
  std::uint64_t scanned = 0, records = 0, of_pump = 0;
  for (const Event& event : rig.drain(EventKind::kViolation)) {
    ++records;
    (event.slot == pump ? of_pump : scanned) += event.count;
  }
  EXPECT_EQ(scanned, 20'000U);
  EXPECT_EQ(of_pump, 1U);
  EXPECT_LT(records, 25 * kViolationsSingly);
  EXPECT_EQ(tally(Tally::kViolationsLost), 0U);
}

TEST_F(EventSums, AFlowThatWasToldOfBeforeKeepsItsIdToTheEnd) {
  const auto datagram = [&](std::uint16_t port) {
    return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(port, 4000).payload("ALPHA");
  };
  for (int second = 0; second < 310; second += 10) {  // it lives past a report
    rig.from_device(datagram(1));
    for (int i = 0; i < 10; ++i) rig.advance(kSecond), rig.idle();
  }
  collect();
  ASSERT_EQ(books.records, 1U);
  const auto id = events.at(0).flow_id;
  EXPECT_FALSE(events.at(0).final);
  flows(10'000, kServer, 5000);
  expire();
  EXPECT_EQ(books.flows, 10'002U);
  EXPECT_THAT(events, testing::Contains(
                          testing::AllOf(testing::Field(&Event::flow_id, id), testing::Field(&Event::final, true))));
}

TEST_F(EventSums, ACleanStopTellsEveryFlowByItself) {
  flows(9000, kServer);
  while (!rig.worker().finish(rig.now())) collect();
  collect();
  EXPECT_EQ(books.records, 9000U);
}

}  // namespace
}  // namespace wardline::test
