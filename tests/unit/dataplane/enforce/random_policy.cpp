#include "tests/unit/dataplane/enforce/random_policy.h"

namespace wardline::test {
namespace {

using namespace enforce;

constexpr std::uint16_t kSegments = 4, kClasses = 5, kSets = 6, kApps = 6;
constexpr std::uint8_t kTcp = 6, kUdp = 17, kGre = 47;

struct Maker {
  explicit Maker(std::mt19937& by) : random(by) {}

  std::mt19937& random;
  Snapshot policy;

  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(random() % count); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  template <typename T>
  T any(std::uint32_t count) {
    return static_cast<T>(below(count));
  }

  template <typename T>
  Range some(std::vector<T>& pool, std::uint32_t most, std::uint32_t of) {
    const Range range{static_cast<std::uint32_t>(pool.size()), below(most + 1)};
    for (std::uint32_t i = 0; i < range.count; ++i) pool.push_back(static_cast<T>(below(of)));
    return range;
  }

  Range ports() {
    const Range range{static_cast<std::uint32_t>(policy.port_ranges.size()), below(3)};
    for (std::uint32_t i = 0; i < range.count; ++i) {
      const auto low = any<std::uint16_t>(100);
      policy.port_ranges.push_back({low, static_cast<std::uint16_t>(low + below(3))});
    }
    return range;
  }

  Range rules(std::uint32_t most) {
    const Range range{static_cast<std::uint32_t>(policy.rules.size()), below(most + 1)};
    for (std::uint32_t i = 0; i < range.count; ++i) {
      Rule rule;
      rule.id = static_cast<RuleId>(policy.rules.size());
      rule.opens = any<Opens>(2);
      rule.peer.any = one_in(4);
      rule.peer.broadcast = one_in(6);
      rule.peer.same_ward = one_in(3);
      rule.peer.address_sets = some(policy.set_ids, 2, kSets);
      rule.peer.classes = some(policy.class_ids, 2, kClasses);
      rule.apps = some(policy.app_ids, 2, kApps);
      rule.unclassified = one_in(4);
      if (one_in(3)) rule.proto = one_in(2) ? kTcp : kUdp;
      rule.ports = ports();
      rule.essential = one_in(5);
      rule.living = one_in(3);
      rule.gate_closed = one_in(12);
      policy.rules.push_back(rule);
    }
    return range;
  }

  void add_segment() {
    Segment segment;
    segment.defined = !one_in(8);
    segment.mode = one_in(4) ? Mode::kMonitor : Mode::kEnforce;
    segment.unidentified_mode = one_in(2) ? Mode::kMonitor : Mode::kEnforce;
    segment.ward = any<std::uint16_t>(3);
    segment.expects = some(policy.class_ids, 3, kClasses);
    policy.segments.push_back(segment);
  }

  void add_class() {
    DeviceClass added;
    added.defined = policy.classes.empty() || !one_in(8);
    added.mode = any<Mode>(3);
    added.criticality = any<Criticality>(4);
    added.rules = rules(8);
    added.on_violation = any<OnViolation>(3);
    added.counts_detections_only = one_in(2);
    policy.classes.push_back(added);
  }

  void add_addresses() {
    std::vector<AddressSets::Entry> entries;
    for (std::uint16_t set = 0; set < kSets; ++set) {
      Address low, high;
      low.bytes[0] = any<std::uint8_t>(200);
      high.bytes[0] = static_cast<std::uint8_t>(low.bytes[0] + 50);
      entries.push_back({low, high, set});
    }
    policy.addresses = AddressSets(entries, kSets);
    if (one_in(2)) policy.quarantine_zone_set = any<std::uint16_t>(kSets);
  }
};

}  // namespace

Snapshot random_policy(std::mt19937& random, std::uint32_t epoch) {
  Maker make(random);
  auto& policy = make.policy;
  policy.epoch = epoch;
  for (int i = 0; i < kSegments; ++i) make.add_segment();
  for (int i = 0; i < kClasses; ++i) make.add_class();
  policy.infrastructure = make.rules(4);
  policy.exceptions.push_back({kExceptedDevice, make.rules(4)});
  policy.blocked_devices = {kBlockedDevice};
  make.add_addresses();
  policy.apps.resize(kApps);
  for (auto& app : policy.apps) app.carriers = {make.any<AppId>(kApps), make.any<AppId>(kApps)};
  policy.apps_by_proto[kGre] = make.any<AppId>(kApps);
  if (!make.one_in(4)) policy.index_rules();
  return policy;
}

FlowFacts random_facts(std::mt19937& random) {
  Maker make(random);
  FlowFacts facts;
  facts.segment = make.any<SegmentId>(kSegments);
  facts.device.device_class = make.any<ClassId>(kClasses + 1);
  if (make.one_in(2)) facts.device.former_class = make.any<ClassId>(kClasses);
  facts.device.mode = make.any<Mode>(3);
  if (make.one_in(3)) facts.device.quarantine = make.any<Profile>(4);
  facts.device.inherited = make.any<Criticality>(4);
  constexpr std::uint64_t kDevices[] = {0, kExceptedDevice, kBlockedDevice, kOtherDevice};
  facts.device_key = kDevices[make.below(4)];
  if ((facts.peer_is_device = make.one_in(2))) {
    facts.peer_device.device_class = make.any<ClassId>(kClasses);
    if (make.one_in(3)) facts.peer_device.quarantine = make.any<Profile>(4);
    facts.peer_ward = make.any<std::uint16_t>(3);
  }
  facts.peer_sets = make.below(6);
  facts.peer_broadcast = make.one_in(6);
  facts.proto = std::array{kTcp, kUdp, kGre}[make.below(3)];
  facts.device_port = make.any<std::uint16_t>(110);
  facts.peer_port = make.any<std::uint16_t>(110);
  facts.opened_by = make.any<flow::OpenedBy>(3);
  facts.guessed = make.one_in(3);
  facts.app_state = make.any<AppState>(5);
  facts.app = make.any<AppId>(kApps + 1);
  if (make.one_in(3)) facts.threat = make.any<DetectionAction>(5);
  return facts;
}

}  // namespace wardline::test
