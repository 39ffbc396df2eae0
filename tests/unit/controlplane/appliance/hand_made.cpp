#include "tests/unit/controlplane/appliance/hand_made.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace wardline::appliance {

using enforce::Criticality;
using enforce::Mode;
using enforce::Profile;

namespace {

Mac mac_of(std::uint8_t device) {
  return Mac{{2, 0, 0, 0, 0, device}};
}

void add_class(policy::Policy& policy, std::string name, std::string title, Criticality criticality, Profile profile,
               std::uint16_t after, bool approval) {
  policy::ClassText text;
  text.name = name;
  text.title = std::move(title);
  text.criticality = criticality;
  text.at = {"classes/" + name + ".yaml", 1, 1};
  policy.classes.push_back(text);
  enforce::DeviceClass traits;
  traits.defined = true;
  traits.criticality = criticality;
  traits.quarantine_after = after;
  traits.counts_detections_only = false;
  traits.profile = profile;
  traits.approval_required = approval;
  policy.plain.classes.push_back(traits);
}

void add_segment(policy::Policy& policy, std::string name, std::vector<std::string> expects) {
  policy::SegmentText text;
  text.name = std::move(name);
  text.ward = "4B";
  text.expects = std::move(expects);
  text.mode = Mode::kEnforce;
  policy.segments.push_back(text);
  enforce::Segment traits;
  traits.defined = true;
  traits.mode = Mode::kEnforce;
  policy.plain.segments.push_back(traits);
}

void pin(policy::Policy& policy, std::uint8_t device, std::string device_class) {
  policy::RegisterEntry entry;
  entry.id = HandMade::id_of(device);
  entry.device_class = std::move(device_class);
  entry.macs = {mac_of(device)};
  policy.register_by_mac[mac_of(device)] = policy.devices.size();
  policy.devices.push_back(entry);
}

}  // namespace

HandMade::HandMade(std::string store_path, std::string region_path, std::chrono::milliseconds longest_drain)
    : store_path_(std::move(store_path)), region_path_(std::move(region_path)), longest_drain_(longest_drain) {
  open();
}

void HandMade::open() {
  auto opened_slots = enforce::DeviceSlots::open(region_path_, kCapacity);
  ASSERT_TRUE(opened_slots) << opened_slots.error().text();
  slots = std::move(*opened_slots);
  publisher = std::make_unique<SnapshotPublisher>();
  budgets = std::make_unique<enforce::QuarantineBudgets>();
  events_ = std::make_unique<SpscRing<Event>>(1024);
  copies_ = std::make_unique<SpscRing<FrameCopy>>(16);
  Options options;
  options.name = "test";
  options.store_path = store_path_;
  options.oui_folder = "";
  options.longest_drain = longest_drain_;
  auto opened = Appliance::open(options, *publisher, *slots, *budgets, wall());
  ASSERT_TRUE(opened) << opened.error().text();
  appliance = std::move(*opened);
  appliance->add_source({events_.get(), copies_.get(), nullptr, &tap});
}

void HandMade::restart(bool keep_region) {
  appliance.reset();
  publisher.reset();
  slots.reset();
  if (!keep_region && !region_path_.empty()) std::remove(region_path_.c_str());
  now += 10 * kSecond;
  open();
}

// Devices 1-9 are TVs, 11-19 pumps, 21-29 monitors by the register; others are nobody's.
std::shared_ptr<policy::Policy> HandMade::policy() {
  auto policy = std::make_shared<policy::Policy>();
  policy->directory = "hand-made";
  policy->site = "st-anna";
  policy->hash = "3f2a1c9d4e5f60718293";
  policy->commit = "1a2b3c4";
  add_class(*policy, "unidentified", "Unidentified", Criticality::kNone, Profile::kContain, 0, false);
  add_class(*policy, "smart-tv", "Smart TV", Criticality::kNone, Profile::kIsolate, 3, false);
  add_class(*policy, "infusion-pump", "Infusion pump", Criticality::kLifeCritical, Profile::kContain, 3, true);
  add_class(*policy, "patient-monitor", "Patient monitor", Criticality::kLifeCritical, Profile::kContain, 0, false);
  policy->segments.resize(1);
  policy->segments[0].name = "unknown";
  policy->plain.segments.resize(1);
  add_segment(*policy, "rooms", {"smart-tv", "infusion-pump"});
  add_segment(*policy, "icu", {"infusion-pump"});
  for (const auto& [number, name] :
       {std::pair{kTv, "smart-tv"}, {kPump, "infusion-pump"}, {kMonitor, "patient-monitor"}})
    EXPECT_EQ(slots->class_number(name), number);
  for (const auto& [number, name] : {std::pair{kRooms, "rooms"}, {kIcu, "icu"}})
    EXPECT_EQ(slots->segment_number(name), number);
  for (std::uint8_t n = 1; n < 10; ++n) pin(*policy, n, "smart-tv");
  for (std::uint8_t n = 11; n < 20; ++n) pin(*policy, n, "infusion-pump");
  for (std::uint8_t n = 21; n < 30; ++n) pin(*policy, n, "patient-monitor");
  policy->signatures.app_names = {"unknown", "tls"};
  policy->rules.resize(1);
  policy->rules[0].owner = "smart-tv";
  policy->rules[0].name = "updates";
  policy->rules[0].at = {"classes/smart-tv.yaml", 14, 5};
  policy->rules[0].sentence = "may open tls to tv-updates on tcp 443";
  return policy;
}

void HandMade::use(std::shared_ptr<const policy::Policy> policy) {
  const auto used = appliance->use_policy(std::move(policy), now, wall());
  ASSERT_TRUE(used) << used.error().front().text();
}

Event HandMade::event(EventKind kind, std::uint8_t device, SegmentId segment) const {
  Event event;
  event.kind = kind;
  event.segment = segment;
  event.slot = slot_of(device, segment);
  event.device_class = event.slot == kNoSlot ? kUnidentifiedClass : slots->word(event.slot).device_class;
  event.device_mac = mac_of(device);
  event.device_ip = Address::v4(0x0a140000u + device);
  event.peer_ip = Address::v4(0xcb00710a);
  event.device_port = 50000;
  event.peer_port = 443;
  event.proto = 6;
  event.app = 1;
  event.app_state = enforce::AppState::kProved;
  event.opened_by = flow::OpenedBy::kDevice;
  event.policy_epoch = 1;
  event.time = event.first_seen = now;
  event.flow_id = 7;
  if (kind == EventKind::kViolation) {
    event.verdict = enforce::Verdict::kBlock;
    event.reason = Reason::kNoRule;
    event.applied_drop = true;
  }
  return event;
}

void HandMade::put(const Event& event) {
  ASSERT_TRUE(events_->put(event));
}

void HandMade::put(const FrameCopy& copy) {
  ASSERT_TRUE(copies_->put(copy));
}

std::size_t HandMade::drain_once() {
  return appliance->drain(now, wall(), sink());
}

void HandMade::drain() {
  while (drain_once() != 0) {
  }
}

void HandMade::flush() {
  appliance->flush(now, wall(), sink());
}

void HandMade::tick(Tick duration) {
  now += duration;
  appliance->maintenance(now, wall(), sink());
}

std::string HandMade::ask(std::string_view request, std::string_view user) {
  return appliance->query(request, user, now, wall(), sink());
}

SlotId HandMade::slot_of(std::uint8_t device, SegmentId segment) const {
  return slots->find_mac(segment, mac_of(device));
}

std::string HandMade::id_of(std::uint8_t device) {
  char text[32];
  std::snprintf(text, sizeof text, "dev-0200000000%02x", device);
  return text;
}

std::vector<std::string> HandMade::records(std::string_view type) const {
  std::vector<std::string> list;
  for (const auto& [kind, json] : records_)
    if (kind == type) list.push_back(json);
  return list;
}

WallTime HandMade::wall() const {
  return WallTime(std::chrono::microseconds(now / 1000));
}

Appliance::Sink HandMade::sink() {
  return [this](std::string_view type, std::string_view json) { records_.emplace_back(type, json); };
}

}  // namespace wardline::appliance
