#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/policy.h"

// What the files of a policy say, file by file: each value checked by itself, no name looked up yet. The second of
// three steps: YAML -> draft -> checked against each other -> snapshot.
namespace wardline::policy {

struct Word {
  std::string text;
  Location at;
};

struct PeerDraft {
  enum class Kind { kNamed, kAny, kBroadcast, kSameWard, kMulticast };
  Kind kind = Kind::kNamed;
  std::string shown;  // as a sentence names it
  Location at;
  std::string name = {};                  // kNamed: a role, zone or class
  std::vector<AddressRange> groups = {};  // kMulticast
};

// One line of a rule's `when:`: a fact and the values it may have.
struct WhenDraft {
  Word fact;
  std::vector<Word> values;
};

struct RuleDraft {
  std::string name, source;
  enforce::Opens opens = enforce::Opens::kDevice;
  std::vector<PeerDraft> peers;
  std::vector<Word> apps;  // without `unclassified`
  bool unclassified = false;
  std::uint8_t proto = 0;  // 0: not given
  std::vector<enforce::PortRange> ports;
  bool essential = false, gate_closed = false;
  std::optional<bool> living;  // infrastructure alone
  std::vector<WhenDraft> when;
  std::vector<Word> may_cut;  // signatures
  Location at, app_at, port_at;
};

// One line of `detections:`: what a detection does that fits every condition given. None given: any.
struct DetectionDraft {
  std::vector<std::string> severities, groups;  // each: one of them
  std::vector<Word> signatures;
  enforce::DetectionAction action = enforce::DetectionAction::kAlert;
};

struct ClassDraft {
  ClassText text;
  Location name_at, criticality_at, profile_at, counts_at, identify_at, requires_at;
  std::vector<RuleDraft> rules;
  enforce::OnViolation on_violation = enforce::OnViolation::kDrop;
  std::uint16_t after = 0, within_seconds = 60;
  bool counts_detections = true;
  enforce::Profile profile = enforce::Profile::kContain;
  bool approval_required = false;
  std::optional<std::uint32_t> inspect_bytes;  // nullopt: the site's
  std::vector<DetectionDraft> detections;
};

struct Tags {
  std::uint16_t outer = 0;
  std::int32_t inner = -1;  // -1: any inner tag, or none
  bool operator==(const Tags&) const = default;
};

struct SegmentDraft {
  std::string name, ward, bundle;
  Tags device_side, core_side;
  std::vector<Word> expects;
  std::optional<enforce::Mode> mode;
  enforce::Mode unidentified = enforce::Mode::kMonitor;
  bool identify_by_ip = false, asymmetric = false, signed_off = false;
  enforce::FailureAction inbound_group = enforce::FailureAction::kAllow;
  std::string bypass;  // "" when not declared
  Location at, bundle_at;
};

struct AddressGroup {
  std::string name;
  std::vector<AddressRange> ranges;
  Location at;
};

struct SiteDraft {
  std::string site;
  enforce::Mode mode = enforce::Mode::kMonitor;
  std::vector<AddressGroup> roles, zones;
  std::vector<RuleDraft> infrastructure;
  std::vector<SegmentDraft> segments;
  std::vector<enforce::EthertypeRule> ethertypes;
  QuarantineBudget budget;
  std::array<enforce::FailureAction, kReasonCount> on_failure{};
  std::array<enforce::FailureAction, 4> undecided_limit{};
  enforce::UndecidedLimits undecided;
  enforce::Timeouts timeouts{};
  std::uint32_t rejects_per_second = 10;
  std::uint32_t former_class_seconds = 3600;
  std::chrono::days longest_exception{365};
  std::vector<DetectionDraft> detections;
  std::uint32_t inspect_bytes = 65536;
  std::vector<Word> classify_only;  // applications
};

struct ExceptionDraft {
  std::string device, reason;
  RuleDraft rule;
  std::chrono::sys_days until;  // the last day on which it holds, UTC
  Location until_at;
};

struct RegisterDraft {
  std::vector<RegisterEntry> devices;
  std::vector<ExceptionDraft> exceptions;
};

// One expectation of tests/*.yaml.
struct ExpectationDraft {
  enum class Outcome { kAllowed, kBlocked, kAlerted };
  std::string name;
  Word device_class, segment, app, peer;
  enforce::Opens opens = enforce::Opens::kDevice;
  std::uint8_t proto = 0;
  std::uint16_t port = 0;
  enforce::Profile quarantine = enforce::Profile::kNone;
  Outcome expected = Outcome::kAllowed;
  Location at;
};

struct PolicyDraft {
  SiteDraft site;
  RegisterDraft devices;
  std::vector<ClassDraft> classes;
  std::vector<ExpectationDraft> expectations;
  std::vector<DeviceFingerprint> fingerprints;
};

// Each reads one parsed file and reports to its document's errors; what could not be read keeps its default.
void read_site(const YamlValue& root, SiteDraft& site);
void read_class(const YamlValue& root, const std::string& expected_name, ClassDraft& device_class);
void read_register(const YamlValue& root, RegisterDraft& devices);
void read_expectations(const YamlValue& root, std::vector<ExpectationDraft>& expectations);

}  // namespace wardline::policy
