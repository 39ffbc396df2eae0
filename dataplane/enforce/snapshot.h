#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/detect/settings.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/enforce/port_classes.h"
#include "dataplane/enforce/rule_index.h"
#include "dataplane/enforce/verdict.h"
#include "dataplane/facts/fact.h"
#include "dataplane/facts/reading.h"
#include "dataplane/ids.h"
#include "dataplane/reason.h"

namespace wardline::classify {
class DatabaseSet;
}

namespace wardline::enforce {

enum class Opens : std::uint8_t { kDevice, kPeer };  // opens_to / accepts_from
enum class FailureAction : std::uint8_t { kAllow, kDrop };

// A rule's question about a fact: each of the fact's values must fit one of the texts (facts::several). All tests of a
// rule must pass; one of a per-message fact makes the flow FlowKind::kPerMessage. A text that begins with '*' fits what
// ends like it, one that ends with '*' what begins like it.
struct FactTest {
  facts::Fact fact;
  std::vector<std::string> texts;
};

// A contiguous part of one of the snapshot's pools.
struct Range {
  std::uint32_t first = 0, count = 0;
};

struct PortRange {
  std::uint16_t low, high;
};

// A rule's peer: any of the given kinds suffices.
struct PeerMatch {
  bool any = false;
  bool broadcast = false;  // limited or directed broadcast, IPv4 and Ethernet
  bool same_ward = false;  // a device whose segment has this segment's ward
  Range address_sets;      // into Snapshot::set_ids: roles, zones, multicast groups
  Range classes;           // into Snapshot::class_ids: a device of one of these classes
};

struct Rule {
  RuleId id = kNoRule;
  Opens opens = Opens::kDevice;
  PeerMatch peer;
  Range apps;                 // into Snapshot::app_ids
  bool unclassified = false;  // `app: [unclassified]`
  std::uint8_t proto = 0;     // 0: any that the applications use
  Range ports;                // into Snapshot::port_ranges, of the side that accepts; empty: any
  bool essential = false;
  bool living = false;       // infrastructure that quarantine profiles keep: DHCP, DNS, NTP
  bool gate_closed = false;  // allows only while the gate is open
  Range fact_tests;          // into Snapshot::fact_tests; empty: none
};

enum class OnViolation : std::uint8_t { kDrop, kReject, kAlert };

struct DeviceClass {
  bool defined = false;  // numbers of classes of former policies stay reserved
  Mode mode = Mode::kInherit;
  Criticality criticality = Criticality::kNone;
  Range rules;  // into Snapshot::rules
  OnViolation on_violation = OnViolation::kDrop;
  std::uint16_t quarantine_after = 0;  // 0: never by itself
  std::uint16_t quarantine_within_seconds = 60;
  bool counts_detections_only = true;
  Profile profile = Profile::kContain;  // of quarantine: highest automatic action
  bool approval_required = false;       // leaves slots unarmed
  std::uint32_t inspect_bytes = 0;      // depth of threat inspection; 0: classify only; kInspectAll: for life
  std::uint16_t detection_table = 0;    // into Snapshot::detection_actions
};

struct Segment {
  bool defined = false;
  Mode mode = Mode::kMonitor;
  Mode unidentified_mode = Mode::kMonitor;
  bool identify_by_ip = false;
  bool asymmetric = false;
  std::uint16_t ward = 0;  // 0: none; equal numbers are the same ward
  Range expects;           // into Snapshot::class_ids
  FailureAction inbound_group = FailureAction::kAllow;
};

// Which rows of which address sets an address belongs to. Built from all CIDRs of all roles, zones and groups: the
// address space is cut into intervals, each with one bitset. A look-up is one binary search.
class AddressSets {
 public:
  struct Entry {
    Address low, high;  // inclusive
    std::uint16_t set;
  };
  AddressSets() = default;
  AddressSets(std::span<const Entry> entries, std::uint16_t set_count);
  // Index of the bitset for this address; 0 is the empty one.
  std::uint32_t find(const Address& address) const {
    return address.is_v4() ? find4(address.v4_host_order()) : find_any(address);
  }
  bool contains(std::uint32_t bitset, std::uint16_t set) const {
    if (set / 64 >= words_) return false;  // a set that no policy defined, such as 0xffff
    return (bits_[std::size_t{bitset} * words_ + set / 64] >> (set % 64) & 1) != 0;
  }

 private:
  std::uint32_t find4(std::uint32_t address) const;
  std::uint32_t find_any(const Address& address) const;
  void take_out_v4();

  std::size_t words_ = 1;
  std::vector<Address> starts_;           // ascending
  std::vector<std::uint32_t> bitset_of_;  // per start
  // The same for IPv4 alone, host order: most addresses are, and numbers are compared in one step.
  std::vector<std::uint32_t> starts4_{0}, bitset_of4_{0};
  std::vector<std::uint64_t> bits_{0};  // bitset b at b * words_
};

// (bundle, side, tags) -> segment. Untagged and priority-tagged frames have VID 0.
class SegmentMap {
 public:
  struct Entry {
    std::int16_t bundle;  // -1: every bundle
    Side side;
    std::uint16_t outer;
    std::int32_t inner;  // -1: any inner tag, or none
    SegmentId segment;
  };
  SegmentMap() = default;
  SegmentMap(std::span<const Entry> entries, std::uint16_t bundle_count);
  SegmentId find(std::uint16_t bundle, Side side, std::uint16_t outer, std::uint16_t inner, bool has_inner) const;
  // The same for frames with one tag or none: the segments of one leg by VID, 4,096 of them; null: of no segment.
  const SegmentId* of_leg(std::uint16_t bundle, Side side) const {
    if (bundle >= bundles_) return nullptr;
    return &by_outer_[(bundle * 2U + static_cast<unsigned>(side)) * std::size_t{4096}];
  }

 private:
  struct Inner {
    std::uint32_t key;  // bundle_side << 24 | outer << 12 | inner
    SegmentId segment;
  };
  std::uint16_t bundles_ = 0;
  std::vector<SegmentId> by_outer_;  // (bundle * 2 + side) * 4096 + outer
  std::vector<Inner> by_inner_;      // sorted by key
};

// What the code must know of some applications by name; kNoApp where the policy does not define it.
struct KnownApps {
  AppId icmp = 0, dhcp = 0, dns = 0, ftp = 0, ftp_data = 0, tftp = 0, modbus = 0, dicom = 0, hl7 = 0, http = 0, tls = 0,
        mdns = 0, ssdp = 0, sip = 0, rtsp = 0, rtp = 0, rtcp = 0, portmap = 0, rpc = 0, h323 = 0;
};

struct AppTraits {
  facts::Reader reader = facts::Reader::kNone;
  facts::FactMask asked = 0;        // facts that some rule asks of it: no others are read
  std::array<AppId, 2> carriers{};  // what it is a kind of (FHIR: HTTP): a rule that names one of these takes it, too
  bool bulk = false;                // images, films, backups: classified, then not inspected further
  bool copy_first_bytes = false;    // identity wants what a device says first (DICOM, HL7 ...)
  bool copy_each = false;           // and each of its datagrams: it tells of itself (mDNS, SSDP ...)
  bool server_first = false;
};

inline constexpr std::uint32_t kInspectAll = 0xffffffff;

struct UndecidedLimits {
  std::uint32_t flow_bytes = 4096;     // each way
  std::uint32_t flow_packets = 16;     // each way
  std::uint32_t device_bytes = 65536;  // per device
  std::uint32_t device_seconds = 10;
};

struct Timeouts {  // in CoarseTick units
  std::uint32_t tcp_opening, tcp_established, tcp_closing, udp_one_way, udp, other;
};

struct EthertypeRule {
  std::uint16_t ethertype;
  FailureAction action;
};

// An immutable policy as plain data: all that a worker reads. Built off the path, published with one pointer store.
// Names, files and sentences stay in the control plane, found again by `epoch` and RuleId.
struct Snapshot {
  std::uint32_t epoch = 0;
  std::array<std::uint8_t, 32> policy_hash{};

  SegmentMap segment_map;
  std::vector<Segment> segments;     // by SegmentId; [0] is `unknown`
  std::vector<DeviceClass> classes;  // by ClassId; [0] is `unidentified`
  std::vector<Rule> rules;           // Rule::id == its index
  Range infrastructure;              // into rules
  RuleIndex rule_index;              // of `rules`; may be left out, then lists are read whole
  PortClasses port_classes;          // of `port_ranges`; may be left out, too

  struct ExceptionSet {
    std::uint64_t device_key;  // name_hash of the device id; sorted by it
    Range rules;
  };
  std::vector<ExceptionSet> exceptions;
  std::vector<std::uint64_t> blocked_devices;  // operator block: device keys, sorted

  AddressSets addresses;
  std::uint16_t dhcp_server_set = 0xffff;      // address set of the role named `dhcp-servers`; 0xffff: not named
  std::uint16_t quarantine_zone_set = 0xffff;  // address set of the zone named `quarantine`, kept by `isolate`

  // pools that the ranges above point into
  std::vector<std::uint16_t> set_ids;
  std::vector<ClassId> class_ids;
  std::vector<AppId> app_ids;
  std::vector<PortRange> port_ranges;

  std::array<FailureAction, kReasonCount> on_failure{};  // by Reason
  std::array<FailureAction, 4> undecided_limit{};        // by Criticality
  UndecidedLimits undecided;
  Timeouts timeouts{};
  std::vector<EthertypeRule> ethertypes;  // sorted
  std::uint32_t rejects_per_second = 10;

  std::vector<AppTraits> apps;             // by AppId
  std::array<AppId, 256> apps_by_proto{};  // of IP protocols that are applications themselves: ESP, GRE ...
  KnownApps known;
  std::shared_ptr<const classify::DatabaseSet> databases;

  std::vector<FactTest> fact_tests;
  std::vector<std::vector<DetectionAction>> detection_actions;  // by table, then by SignatureId; past the end: alert
  detect::Settings detectors;

  // Fills `rule_index` and `port_classes`. The last step: of rules and lists that stand.
  void index_rules();

  template <typename T>
  static std::span<const T> of(const std::vector<T>& pool, Range range) {
    return std::span<const T>(pool).subspan(range.first, range.count);
  }
};

}  // namespace wardline::enforce
