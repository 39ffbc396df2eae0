#include "tests/unit/dataplane/work/rig.h"

#include <gtest/gtest.h>

#include <charconv>

#include "dataplane/classify/classifier.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::test {

using enforce::FailureAction;
using enforce::Mode;
using enforce::Opens;
using enforce::Range;

namespace {

// Compiled once for all tests: the signatures that PolicyWords speaks of.
std::shared_ptr<const classify::DatabaseSet> databases() {
  static const auto compiled = [] {
    using classify::Pattern;
    using classify::SignatureTraits;
    struct Words {
      const char* expression;
      AppId app;
      bool threat;
    };
    static constexpr Words kWords[] = {
        {"^ALPHA", PolicyWords::kAlpha, false},
        {"^BETA", PolicyWords::kBeta, false},
        {"^(220 |USER )", PolicyWords::kFtp, false},
        {"^\\x00[\\x01\\x02][^\\x00]+\\x00octet\\x00", PolicyWords::kTftp, false},
        {"^..\\x00\\x00\\x00[\\x02-\\xfe].[\\x01-\\x7f]", PolicyWords::kModbus, false},
        {"^[\\x01\\x02]\\x01\\x06\\x00", PolicyWords::kDhcp, false},
        {"EVIL", kNoApp, true},
        {"ODD", kNoApp, true},
        {"^(GET |POST |HTTP/1)", PolicyWords::kWeb, false},
        {"^\\x16\\x03", PolicyWords::kHello, false},
        {"^\\x81[\\x00-\\x0c]", PolicyWords::kController, false},
        {"^\\x0bMSH", PolicyWords::kResults, false},
        {"^[\\xc0-\\xff]\\x00\\x00\\x00\\x01\\x08", PolicyWords::kQuic, false},
    };
    std::vector<Pattern> patterns;
    std::vector<SignatureTraits> traits;
    for (const auto& words : kWords) {
      Pattern pattern;
      pattern.expression = words.expression;
      pattern.search = words.threat ? classify::Search::kLiteral : classify::Search::kAnchored;
      if (words.threat) pattern.literals = {words.expression};
      pattern.signature = static_cast<SignatureId>(traits.size());
      patterns.push_back(pattern);
      SignatureTraits trait;
      trait.app = words.app;
      trait.threat = words.threat;
      traits.push_back(trait);
    }
    auto set = classify::DatabaseSet::compile(patterns, traits, "");
    if (!set) throw std::runtime_error(set.error().front().text());
    if (auto ready = (*set)->prepare_workers(8); !ready) throw std::runtime_error(ready.error().text());
    return std::shared_ptr<const classify::DatabaseSet>(*set);
  }();
  return compiled;
}

}  // namespace

PolicyWords::PolicyWords() {
  plain_.segments.resize(3);
  for (auto id : {SegmentId{0}, kWard, kRouted}) {
    plain_.segments[id].defined = true;
    plain_.segments[id].mode = id == 0 ? Mode::kMonitor : Mode::kEnforce;
  }
  plain_.segments[kWard].ward = 7;
  plain_.segments[kRouted].identify_by_ip = true;
  plain_.classes.resize(4);
  for (auto& device_class : plain_.classes) device_class.defined = true;
  plain_.classes[kPump].criticality = enforce::Criticality::kLifeCritical;
  plain_.classes[kTv].counts_detections_only = false;
  std::vector<enforce::SegmentMap::Entry> entries;
  for (const Side side : {Side::kDevice, Side::kCore}) {
    entries.push_back({.bundle = -1, .side = side, .outer = 0, .inner = -1, .segment = kWard});
    entries.push_back({.bundle = -1, .side = side, .outer = 20, .inner = -1, .segment = kRouted});
  }
  plain_.segment_map = enforce::SegmentMap(entries, 1);
  plain_.on_failure.fill(FailureAction::kAllow);
  plain_.on_failure[static_cast<std::size_t>(Reason::kMalformed)] = FailureAction::kDrop;
  plain_.undecided_limit = {FailureAction::kDrop, FailureAction::kAllow, FailureAction::kAllow, FailureAction::kAllow};
  plain_.timeouts = {coarse_duration(30 * kSecond), coarse_duration(3600 * kSecond), coarse_duration(10 * kSecond),
                     coarse_duration(30 * kSecond), coarse_duration(120 * kSecond),  coarse_duration(30 * kSecond)};
  plain_.ethertypes = {{0x88f7, FailureAction::kAllow}};
  plain_.apps.resize(kAppCount);
  plain_.apps[kAlpha].copy_first_bytes = true;
  plain_.apps[kModbus].reader = facts::Reader::kModbus;
  plain_.apps[kWeb].reader = facts::Reader::kHttp;
  plain_.apps[kHello].reader = facts::Reader::kTls;
  plain_.apps[kController].reader = facts::Reader::kBacnet;
  plain_.apps[kResults].reader = facts::Reader::kHl7;
  plain_.apps[kQuic].reader = facts::Reader::kQuic;
  plain_.known.icmp = kPing;
  plain_.known.dhcp = kDhcp;
  plain_.known.ftp = kFtp;
  plain_.known.ftp_data = kFtpData;
  plain_.known.tftp = kTftp;
  plain_.known.modbus = kModbus;
  plain_.databases = databases();
  plain_.detection_actions.assign(1,
                                  std::vector(plain_.databases->signature_count(), enforce::DetectionAction::kAlert));
  plain_.detection_actions[0][kEvil] = enforce::DetectionAction::kCondemn;
}

Range PolicyWords::add(const std::vector<RuleWords>& words) {
  const Range range{static_cast<std::uint32_t>(plain_.rules.size()), static_cast<std::uint32_t>(words.size())};
  for (const auto& word : words) {
    enforce::Rule rule;
    rule.id = static_cast<RuleId>(plain_.rules.size());
    rule.opens = word.opens;
    rule.unclassified = word.unclassified;
    rule.essential = word.essential;
    rule.living = word.living;
    rule.proto = word.proto;
    rule.fact_tests = {static_cast<std::uint32_t>(plain_.fact_tests.size()),
                       static_cast<std::uint32_t>(word.when.size())};
    for (const auto& test : word.when) {
      plain_.fact_tests.push_back(test);
      for (const AppId app : word.apps) plain_.apps[app].asked |= facts::bit(test.fact);
    }
    rule.apps = {static_cast<std::uint32_t>(plain_.app_ids.size()), static_cast<std::uint32_t>(word.apps.size())};
    plain_.app_ids.insert(plain_.app_ids.end(), word.apps.begin(), word.apps.end());
    if (word.port != 0) {
      rule.ports = {static_cast<std::uint32_t>(plain_.port_ranges.size()), 1};
      plain_.port_ranges.push_back({word.port, word.port});
    }
    const auto address_set = [&](const Address& low, const Address& high) {
      sets_.push_back({low, high, set_count_});
      rule.peer.address_sets = {static_cast<std::uint32_t>(plain_.set_ids.size()), 1};
      plain_.set_ids.push_back(set_count_++);
    };
    if (word.peer == "any") {
      rule.peer.any = true;
    } else if (word.peer == "broadcast") {
      rule.peer.broadcast = true;
    } else if (word.peer == "multicast") {
      address_set(address("224.0.0.0"), address("239.255.255.255"));
    } else if (word.peer.starts_with("class:")) {
      rule.peer.classes = {static_cast<std::uint32_t>(plain_.class_ids.size()), 1};
      plain_.class_ids.push_back(static_cast<ClassId>(word.peer.back() - '0'));
    } else {
      address_set(address(word.peer), address(word.peer));
    }
    plain_.rules.push_back(rule);
  }
  return range;
}

PolicyWords& PolicyWords::rules(ClassId id, const std::vector<RuleWords>& words) {
  plain_.classes[id].rules = add(words);
  return *this;
}

PolicyWords& PolicyWords::infrastructure(const std::vector<RuleWords>& words) {
  plain_.infrastructure = add(words);
  return *this;
}

PolicyWords& PolicyWords::expects(std::vector<ClassId> classes) {
  ward().expects = {static_cast<std::uint32_t>(plain_.class_ids.size()), static_cast<std::uint32_t>(classes.size())};
  plain_.class_ids.insert(plain_.class_ids.end(), classes.begin(), classes.end());
  return *this;
}

std::unique_ptr<const enforce::Snapshot> PolicyWords::snapshot(std::uint32_t epoch) {
  plain_.addresses = enforce::AddressSets(sets_, set_count_);
  auto copy = std::make_unique<enforce::Snapshot>(plain_);
  copy->epoch = epoch;
  return copy;
}

WorkerOptions Rig::small() {
  WorkerOptions options;
  options.flows_v4 = 4096;
  options.flows_v6 = 1024;
  options.undecided = 64;
  options.events = 4096;
  options.frame_copies = 64;
  options.seed = {{1, 2, 3, 4}};
  return options;
}

Rig::Rig(PolicyWords words, WorkerOptions options) {
  auto opened = enforce::DeviceSlots::open("", 256);
  if (!opened) throw std::runtime_error(opened.error().text());
  slots_ = std::move(*opened);
  budgets_.refill(20, 20, 20);
  worker_ = std::make_unique<Worker>(options, publisher_, *slots_, budgets_);
  publish(words);
}

Rig::~Rig() {
  expect_balanced();
  while (!worker_->finish(now_)) drain();
  EXPECT_EQ(worker_->buffers_in_use(), 0U) << "a flow that ended kept a buffer";
}

void Rig::publish(PolicyWords& words) {
  publisher_.reclaim();
  const auto done = publisher_.publish(words.snapshot(++epoch_));
  if (!done) throw std::runtime_error(done.error().text());
  idle();
  publisher_.reclaim();
}

std::vector<Reason> Rig::burst(const std::vector<std::pair<Bytes, Side>>& frames) {
  Batch batch;
  for (const auto& [bytes, side] : frames)
    batch.frames[batch.size++] =
        Frame{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = side};
  worker_->process(batch, now_);
  now_ += kMillisecond;
  std::vector<Reason> reasons;
  for (const auto& frame : batch.used()) {
    reasons.push_back(frame.drop);
    if (frame.drop == Reason::kNone && !frame.held) worker_->count_forwarded(1, frame.bytes.size());
  }
  take_out(batch);
  return reasons;
}

void Rig::take_out(const Batch& batch) {
  for (std::size_t i = 0; i < batch.created_count; ++i) created_.push_back(batch.created[i]);
  for (const auto& frame : std::span(batch.released).first(batch.released_count))
    released_.emplace_back(frame.bytes.begin(), frame.bytes.end());
  worker_->count_forwarded(batch.created_count + batch.released_count, 0);
}

Reason Rig::one(const Bytes& frame, Side side, std::uint8_t pair) {
  Batch batch;
  batch.frames[0] =
      Frame{.bytes = frame, .wire_length = static_cast<std::uint32_t>(frame.size()), .pair = pair, .side = side};
  batch.size = 1;
  worker_->process(batch, now_);
  now_ += kMillisecond;
  held_ = batch.frames[0].held;
  if (batch.frames[0].drop == Reason::kNone && !held_) worker_->count_forwarded(1, frame.size());
  take_out(batch);
  return batch.frames[0].drop;
}

void Rig::idle() {
  Batch batch;
  worker_->process(batch, now_);
  take_out(batch);
}

SlotId Rig::add_device(std::string_view text, ClassId device_class, SegmentId segment, std::string_view ip) {
  enforce::SlotIdentity identity;
  identity.device_key = enforce::name_hash(text);
  identity.segment = segment;
  identity.mac = mac(text);
  identity.by_ip = segment == PolicyWords::kRouted;
  if (!ip.empty()) identity.address = address(ip);
  const SlotId slot = slots_->allocate(identity);
  EXPECT_NE(slot, kNoSlot);
  slots_->update(slot, [&](enforce::SlotWord& word) {
    word.device_class = device_class;
    return true;
  });
  if (!ip.empty()) slots_->bind_peer_address(address(ip), slot);
  return slot;
}

void Rig::quarantine(SlotId slot, enforce::Profile profile) {
  slots_->update(slot, [&](enforce::SlotWord& word) {
    word.quarantine = profile;
    return true;
  });
}

void Rig::arm(SlotId slot, enforce::Profile profile, std::uint16_t threshold, bool detections_only) {
  auto& cold = slots_->cold(slot);
  cold.threshold = threshold;
  cold.within_seconds = 60;
  cold.counts_detections_only = detections_only;
  slots_->update(slot, [&](enforce::SlotWord& word) {
    word.armed = profile;
    return true;
  });
}

std::vector<Event> Rig::drain() {
  std::vector<Event> all;
  for (const Event* event = worker_->events().front(); event != nullptr; event = worker_->events().front()) {
    all.push_back(*event);
    worker_->events().pop();
  }
  return all;
}

std::vector<Event> Rig::drain(EventKind kind) {
  auto all = drain();
  std::erase_if(all, [kind](const Event& event) { return event.kind != kind; });
  return all;
}

std::vector<FrameCopy> Rig::drain_copies() {
  std::vector<FrameCopy> all;
  for (const FrameCopy* copy = worker_->frame_copies().front(); copy != nullptr;
       copy = worker_->frame_copies().front()) {
    all.push_back(*copy);
    worker_->frame_copies().pop();
  }
  return all;
}

void Rig::expect_balanced() const {
  const auto& counters = worker_->counters();
  EXPECT_EQ(counters.received.read() + counters.created.read(),
            counters.forwarded.read() + counters.dropped_total() + counters.held.read());
}

Talk::Talk(Rig& rig, std::string_view device_mac, std::string_view device_ip, std::string_view peer_ip,
           std::uint16_t device_port, std::uint16_t peer_port, bool device_opens)
    : rig_(rig),
      device_mac_(device_mac),
      device_ip_(device_ip),
      peer_ip_(peer_ip),
      device_port_(device_port),
      peer_port_(peer_port),
      device_opens_(device_opens) {}

FrameBuilder Talk::from_device() const {
  return frame().from(device_mac_).to("02:00:00:00:00:fe").ipv4(device_ip_, peer_ip_).tcp(device_port_, peer_port_);
}
FrameBuilder Talk::from_peer() const {
  return frame().from("02:00:00:00:00:fe").to(device_mac_).ipv4(peer_ip_, device_ip_).tcp(peer_port_, device_port_);
}

Reason Talk::syn() {
  return device_opens_ ? rig_.from_device(from_device().flags(packet::kSyn).sequence(device_next_ - 1))
                       : rig_.from_core(from_peer().flags(packet::kSyn).sequence(peer_next_ - 1));
}

Talk& Talk::handshake() {
  EXPECT_EQ(syn(), Reason::kNone);
  const auto answer = packet::kSyn | packet::kAck;
  if (device_opens_) {
    EXPECT_EQ(rig_.from_core(from_peer().flags(answer).sequence(peer_next_ - 1).acknowledgement(device_next_)),
              Reason::kNone);
    EXPECT_EQ(rig_.from_device(device_segment(0, "")), Reason::kNone);
  } else {
    EXPECT_EQ(rig_.from_device(from_device().flags(answer).sequence(device_next_ - 1).acknowledgement(peer_next_)),
              Reason::kNone);
    EXPECT_EQ(rig_.from_core(peer_segment(0, "")), Reason::kNone);
  }
  return *this;
}

FrameBuilder Talk::device_segment(std::uint32_t offset, std::string_view text) const {
  return from_device().sequence(device_next_ + offset).acknowledgement(peer_next_).payload(text);
}
FrameBuilder Talk::peer_segment(std::uint32_t offset, std::string_view text) const {
  return from_peer().sequence(peer_next_ + offset).acknowledgement(device_next_).payload(text);
}

Reason Talk::device_says(std::string_view text) {
  const auto reason = rig_.from_device(device_segment(0, text));
  if (reason == Reason::kNone) device_next_ += static_cast<std::uint32_t>(text.size());
  return reason;
}
Reason Talk::peer_says(std::string_view text) {
  const auto reason = rig_.from_core(peer_segment(0, text));
  if (reason == Reason::kNone) peer_next_ += static_cast<std::uint32_t>(text.size());
  return reason;
}

}  // namespace wardline::test
