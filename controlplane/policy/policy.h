#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/policy/fingerprints.h"
#include "controlplane/policy/signatures.h"
#include "controlplane/policy/yaml_reader.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/error.h"

namespace wardline::policy {

enum class Purpose : std::uint8_t { kMedical, kOperational, kNone };
std::string_view text_of(Purpose purpose);
std::string_view text_of(enforce::Criticality criticality);  // life-critical | care-critical | care-support | none
std::string_view text_of(enforce::Mode mode);                // monitor | enforce | inherit
std::string_view text_of(enforce::Profile profile);          // none | contain | isolate | cut-off

// Independent groups of evidence: for a life-critical class only the best of each counts, and one besides claims must.
enum class EvidenceGroup : std::uint8_t { kClaims, kExchange, kPlace, kRegister };

// One line of a class's `identify: evidence:`.
struct EvidenceRule {
  // either an attribute whose value matches ...
  std::string attribute;  // vendor, oui, dhcp.vendor_class, dhcp.hostname, dhcp.params, dicom.ae_title, hl7.sender ...
  std::string matches;    // in RE2's syntax; a leading (?i) makes it caseless
  // ... or an answered exchange with a core-side address of a role
  std::string speaks;  // application
  bool as_client = true;
  std::string with;  // role; "" = any core-side peer
  int weight = 0;
  EvidenceGroup group = EvidenceGroup::kClaims;
  Location at;
};

struct ClassText {
  std::string name, title;
  Purpose purpose = Purpose::kNone;
  enforce::Criticality criticality = enforce::Criticality::kNone;
  enforce::Mode mode = enforce::Mode::kInherit;
  int threshold = 60;
  std::vector<EvidenceRule> evidence;
  bool requires_register = false;
  Location at;
};

// A rule of a file. One whose applications use several protocols stands here once for each, at the same place.
struct RuleText {
  std::string owner;  // class name, "infrastructure", or "exception <device>"
  std::string name;
  std::string sentence;  // "may open tls to pump-servers on tcp 443, 8443": for explain
  std::string source;    // the maker's network disclosure ...
  bool essential = false;
  Location at;
};

struct SegmentText {
  std::string name, ward;
  std::vector<std::string> expects;
  enforce::Mode mode = enforce::Mode::kMonitor;  // in force: the segment's own or the site's
  Location at;
};

// A device behind a port of a serial server: on the wire it is that port.
struct BehindPort {
  std::uint16_t port = 0;
  std::string device;  // the register's id
  Location at;
};

// A device that belongs to somebody else.
struct Loaner {
  std::string from;
  std::chrono::sys_days until;  // the last day before it goes back, UTC
  Location at;                  // of that day
};

// A line of the asset register (devices.yaml).
struct RegisterEntry {
  std::string id;            // becomes the device id
  std::string device_class;  // pin; may be empty
  std::vector<Mac> macs;
  std::string serial, dhcp_client_id;
  std::string title, owner, vendor, model, switch_name, switch_port, ward, segment;
  std::string mode;  // "monitor" weakens
  std::optional<Loaner> loaner;
  bool overdue = false;            // a loaner past its last day when the policy was loaded, and of no life-critical class
  std::vector<BehindPort> behind;  // of a serial server
  Location at;

  // The class that the register gives it: none once a loaner is overdue. No calendar takes a life-critical class away.
  std::string_view pin() const { return overdue ? std::string_view() : std::string_view(device_class); }
};

// An exception of the register that has ended, and so is in force no longer.
struct ExpiredException {
  std::string device, name;     // the register's id; the rule's name
  std::chrono::sys_days until;  // the last day on which it held, UTC
  Location at;
};

// Addresses of a role or zone, for evidence and explanations.
struct AddressRange {
  Address low, high;
};

struct QuarantineBudget {
  std::uint32_t site_per_hour = 20, class_per_hour = 5, segment_per_hour = 5;
};

// A policy directory, loaded whole and found good. Immutable. Names by number; numbers as in the snapshot.
struct Policy {
  std::string directory;
  std::string site;
  std::string hash;                   // hex SHA-256 over paths and bytes of all its files
  std::optional<std::string> commit;  // HEAD of its git work tree, "-dirty" when unclean; nullopt outside git
  std::vector<ClassText> classes;     // by ClassId; undefined numbers have empty names
  std::vector<SegmentText> segments;  // by SegmentId; [0] = unknown
  std::vector<RuleText> rules;        // by RuleId
  SignatureSet signatures;
  std::map<std::string, std::vector<AddressRange>> roles, zones;
  std::vector<RegisterEntry> devices;
  DeviceFingerprints fingerprints;
  std::vector<ExpiredException> expired_exceptions;
  QuarantineBudget quarantine_budget;
  std::uint32_t moved_former_class_seconds = 3600;
  Errors warnings;  // found good, yet worth a person's look: an exception that has expired ...
  // When the first exception or loan that holds now ends: the policy is to be loaded anew then.
  std::optional<std::chrono::sys_seconds> next_change;

  // Everything a worker needs, under this epoch.
  std::unique_ptr<const enforce::Snapshot> make_snapshot(std::uint32_t epoch) const;

  const RegisterEntry* find_register(const Mac& mac) const;          // valid as long as the policy
  const RegisterEntry* find_register_id(std::string_view id) const;  // likewise; null where no line has it
  bool in_role(const std::string& role, const Address& address) const;

  enforce::Snapshot plain;                     // epoch 0: what make_snapshot copies
  std::map<Mac, std::size_t> register_by_mac;  // into `devices`
};

struct LoadOptions {
  enforce::DeviceSlots* numbers = nullptr;     // required: gives classes and segments their numbers
  std::vector<std::string> bundles{"main"};    // names that `bundle:` in site.yaml may use, in bundle order;
                                               // empty: any name is accepted (policy check)
  std::string cache_folder;                    // of compiled signatures; empty: none
  std::size_t workers = 1;                     // scratches to prepare
  std::optional<enforce::Mode> mode_override;  // replay --mode
  // The day by which exceptions hold or have expired.
  std::chrono::sys_seconds now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
};

// All or nothing: a policy, or every problem of every file at file:line:column.
std::expected<std::shared_ptr<const Policy>, Errors> load(const std::string& directory, const LoadOptions& options);

}  // namespace wardline::policy
