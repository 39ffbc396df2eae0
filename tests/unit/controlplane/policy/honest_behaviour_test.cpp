// The honest traffic of a hospital that lies closest to what each behaviour detector counts, at the numbers that are
// shipped: none of it may raise one.
#include <gtest/gtest.h>

#include "dataplane/detect/connections.h"
#include "dataplane/detect/echoes.h"
#include "dataplane/detect/names.h"
#include "dataplane/detect/neighbours.h"
#include "dataplane/packet/packet_view.h"
#include "policy_copy.h"

namespace wardline::policy {
namespace {

using detect::Alarms;
using detect::Connection;
using detect::Outcome;
using packet::kProtoTcp;
using packet::kProtoUdp;

constexpr CoarseTick seconds(std::uint64_t count) {
  return coarse_duration(count * kSecond);
}

// One device and what it does, with all detectors as shipped.
class HonestBehaviour : public testing::Test {
 protected:
  void SetUp() override {
    static const auto policy = PolicyCopy().load();  // once for all tests
    ASSERT_TRUE(policy) << policy.error()[0].text();
    settings_ = (*policy)->plain.detectors;
    for (const auto& setting : settings_) ASSERT_TRUE(setting.enabled);
  }

  static Connection opens(std::uint64_t peer, std::uint16_t port, std::uint8_t proto = kProtoTcp) {
    return {.peer = detect::mix(peer),
            .proto = proto,
            .device_port = 40000,
            .peer_port = port,
            .by_device = true,
            .syn = proto == kProtoTcp};
  }
  static Connection accepts(std::uint64_t peer, std::uint16_t port, std::uint8_t proto = kProtoTcp) {
    return {
        .peer = detect::mix(peer), .proto = proto, .device_port = port, .peer_port = 50000, .syn = proto == kProtoTcp};
  }
  // A flow from its first packet to its end, `answered` or not.
  void flow(const Connection& connection, const Outcome& outcome) {
    detect::opened(watched_, settings_, connection, now_, alarms_);
    if (outcome.answered) detect::answered(watched_, connection);
    detect::ended(watched_, settings_, connection, outcome, now_, alarms_);
  }
  void refused(const Connection& connection) {
    detect::opened(watched_, settings_, connection, now_, alarms_);
    detect::answered(watched_, connection);
    detect::failed(watched_, settings_, connection, now_, alarms_);
  }
  void TearDown() override {
    for (const auto& alarm : alarms_.all())
      ADD_FAILURE() << detect::kDetectorNames[static_cast<std::size_t>(alarm.detector)] << " at " << alarm.count;
  }

  detect::Settings settings_;
  detect::Watched watched_;
  Alarms alarms_;
  CoarseTick now_ = 5'000'000;
};

constexpr Outcome kShort{.answered = true, .lived = seconds(1), .from_device = 1500, .to_device = 2500};
constexpr Outcome kSilent{};

TEST_F(HonestBehaviour, AModalityAsksForItsWorklistEveryThirtySeconds) {
  for (int i = 0; i < 12 * 120; ++i, now_ += seconds(30)) flow(opens(1, 104), kShort);
}

TEST_F(HonestBehaviour, AnInterfaceEngineTriesAReceiverThatIsDownEachSecondOfANight) {
  for (int i = 0; i < 8 * 3600; ++i, now_ += seconds(1)) refused(opens(1, 2575));
}

TEST_F(HonestBehaviour, AnArchiveReceivesFromManyAndSendsToManyThatAnswer) {
  const Outcome study{.answered = true, .lived = seconds(40), .from_device = 90'000, .to_device = 300'000'000};
  for (std::uint64_t round = 0; round < 10; ++round)
    for (std::uint64_t peer = 0; peer < 400; ++peer, now_ += 20) {
      flow(accepts(peer, 104), study);
      flow(opens(peer, 11112), kShort);
    }
}

TEST_F(HonestBehaviour, AResolverAnswersTheHouse) {
  const Outcome answer{.answered = true, .lived = seconds(1), .from_device = 1200, .to_device = 70};
  for (std::uint64_t client = 0; client < 50'000; ++client, now_ += 1)
    flow(accepts(client % 4000, 53, kProtoUdp), answer);
}

TEST_F(HonestBehaviour, AManagerReadsAPrintersTablesFromNewPorts) {
  const Outcome tables{.answered = true, .lived = seconds(1), .from_device = 60'000, .to_device = 3'000};
  for (int i = 0; i < 600; ++i, now_ += seconds(1)) flow(accepts(1, 161, kProtoUdp), tables);
}

TEST_F(HonestBehaviour, AnAnalyserBringsEachResultByAConnectionOfItsOwn) {
  for (int i = 0; i < 1200; ++i, now_ += seconds(3)) {
    flow(opens(1, 21), kShort);
    flow(opens(2, 445), kShort);
  }
}

TEST_F(HonestBehaviour, ASentinelLooksAfterAServiceEachMinute) {
  for (int i = 0; i < 600; ++i, now_ += seconds(60)) flow(accepts(1, 22), kShort);
}

// 25 megabits a second in packets of 1,400 bytes; the worker tells of each 1,024 that nobody answers.
TEST_F(HonestBehaviour, ACameraSendsItsFilmToARecorderThatOnlyListens) {
  detect::opened(watched_, settings_, opens(1, 40'000, kProtoUdp), now_, alarms_);
  for (int packets = 0; packets < 2232 * 600; packets += 1024) {
    detect::more_datagrams(watched_, settings_, kProtoUdp, 1024, now_, alarms_);
    now_ += coarse_duration(1024 * kSecond / 2232);
  }
}

TEST_F(HonestBehaviour, AMonitorSendsItsCurvesEachSecondToAStationThatIsOff) {
  for (int i = 0; i < 3600; ++i, now_ += seconds(1)) flow(opens(1, 24105, kProtoUdp), kSilent);
}

TEST_F(HonestBehaviour, AStationPingsAWardEachSecond) {
  const std::vector<std::byte> body(56);
  for (std::uint16_t number = 0; number < 600; ++number, now_ += seconds(1))
    for (std::uint64_t peer = 0; peer < 40; ++peer) {
      detect::more_datagrams(watched_, settings_, packet::kProtoIcmp, 1, now_, alarms_);
      for (const bool request : {true, false})
        detect::watch_echo(watched_, settings_, {.request = request, .peer = peer, .number = number, .body = body},
                           now_, alarms_);
    }
}

TEST_F(HonestBehaviour, ANameServerIsAskedForTheLongNamesOfAScanner) {
  detect::Question question;
  const std::string name = "0.11-a3000009.30081.1518.19d4.2f4a.210.0.tuqpf3a7.avqs.scanner.example";
  std::ranges::copy(name, question.text.begin());
  question.length = name.size();
  question.labels = 12;
  question.longest_label = 11;
  question.type = 1;
  for (int i = 0; i < 600; ++i, now_ += seconds(2)) detect::watch_names(watched_, settings_, question, now_, alarms_);
}

TEST_F(HonestBehaviour, AClusterFailsOverAndBack) {
  detect::AddressClaims claims;
  const auto& setting = settings_[static_cast<std::size_t>(detect::Detector::kArpSpoofing)];
  const Address shared = Address::v4(0x0a010005);
  const Mac one{{0, 1, 2, 9, 9, 1}}, two{{0, 1, 2, 9, 9, 2}};
  for (const Mac& master : {one, two, one})
    for (int i = 0; i < 30; ++i, now_ += seconds(1)) {
      const auto count = claims.claim(1, shared, master, true, now_, detect::span_of(setting));
      EXPECT_LT(count, setting.count);
    }
}

}  // namespace
}  // namespace wardline::policy
