#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/identity/place.h"
#include "controlplane/inventory/device.h"
#include "controlplane/policy/policy.h"
#include "dataplane/events.h"

namespace wardline::identity {

// What speaks for what a device is. Both texts are empty where only an address binding or a place was seen.
struct Observation {
  std::string source{}, attribute{}, value{};
  std::optional<Mac> about{};        // DHCP: the client hardware address, when the frame's sender is not meant
  std::optional<Address> address{};  // an address now bound to that device (DHCP ACK)
  // Where a switch says that device is (option 82). From the device side it is what was asked with, and may be the
  // device's own writing; from the core side what a server gave back.
  std::optional<ToldPlace> place{};
};

// Dispatches a copied frame or first bytes to the observers of its protocol. Hostile input: bounded, validated, never
// throws. Returns nothing for what no observer knows. `app_name` is the proved application of first bytes.
std::vector<Observation> observe(const FrameCopy& copy, std::string_view app_name);

// What the first bytes that a device sent over TLS, QUIC or HTTP tell of it: sources "tls" and "http". `reader` is that
// of the proved application; those of DICOM and HL7 are read by observers of their own.
std::vector<Observation> observations_of_facts(const FrameCopy& copy, facts::Reader reader);

// What the policy's device signatures tell from the first bytes that a device sent: source "signature ID".
std::vector<Observation> observations_of_signatures(const FrameCopy& copy, const policy::Policy& policy);

// Vendor by longest prefix (36, 28, 24 bits) from Debian's ieee-data. "" when unknown or locally administered.
class OuiTable {
 public:
  static Result<OuiTable> load(const std::string& folder = "/usr/share/ieee-data");
  std::string vendor(const Mac& mac) const;
  std::size_t size() const;                           // prefixes
  std::chrono::sys_seconds date() const { return date_; }  // of the 24-bit registry's file

 private:
  std::chrono::sys_seconds date_{};
  std::vector<std::pair<std::uint64_t, std::string>> by24_, by28_, by36_;  // sorted by prefix
};

// The vendor of a MAC as evidence, source `oui`.
std::optional<Observation> observation_of_vendor(const OuiTable& vendors, const Mac& mac);

// An exchange that the core side answered: one observation for each role of the peer, so that any class's rule finds
// its own. A peer without a role speaks as a claim only: an accomplice anywhere could have answered.
std::vector<Observation> observations_of_exchange(std::string_view app_name, bool device_is_client, const Address& peer,
                                                  const policy::Policy& policy);

// Where the device is: attributes `segment` and `ward`, their names, and `expects`, once for each class expected there.
std::vector<Observation> observations_of_place(const policy::SegmentText& segment);

// What the asset register says: `register.vendor`, `register.model`.
std::vector<Observation> observations_of_register(const policy::RegisterEntry& entry);

policy::EvidenceGroup group_of(const Observation& observation);

// Records an observation on the device (bounded, same source+attribute+value only refreshes last_seen).
// True when it is new: classify again.
bool add_evidence(inventory::Device& device, const Observation& observation, inventory::WallTime now);

// The same, and what the policy's fingerprints make of it, and the inventory's columns. `policy` may be null.
bool learn(inventory::Device& device, const Observation& observation, const policy::Policy* policy,
           inventory::WallTime now);

// What fingerprints have told, told anew by those of this policy.
void conclude_anew(inventory::Device& device, const policy::Policy& policy, inventory::WallTime now);

// What the policy's fingerprints that ask for this attribute tell of the device. Source "SOURCE (ID)": a conclusion is
// no other source than what it was drawn from.
std::vector<Observation> observations_of_fingerprints(const inventory::Device& device, std::string_view attribute,
                                                      const policy::Policy& policy);

// The maker as the policy's fingerprints spell it; the vendor itself where none knows it.
std::string maker_of(std::string_view vendor, const policy::Policy& policy);

// Vendor, model, os, firmware, serial and hostname: of each what its best source said last. Without evidence it stays.
void fill_columns(inventory::Device& device, const policy::Policy* policy);

// The register's line for this device: by MAC, else by DHCP client id, else by serial; of one without an interface,
// which is behind a serial server, by id. Null when it is not listed.
const policy::RegisterEntry* register_entry(const inventory::Device& device, const policy::Policy& policy);

// Evidence that speaks against the class kept. `about` stays the same while the sums in `text` change.
struct Contradiction {
  std::string about;  // the other class, the attribute that changed, or the pin
  std::string text;
};

struct Classification {
  std::string device_class;  // "unidentified" when nothing passes
  int confidence = 0;        // score against threshold, capped at 100
  std::string reason;  // one sentence: "claims 30 (vendor ~ Baxter) + exchange 30 (speaks hl7-mllp ...) = 60 of 60"
  std::vector<std::pair<std::string, int>> runners_up;
  std::vector<int> weights;  // per device.evidence entry: what it gave the winner
  std::vector<Contradiction> contradictions;
};

// The design's rules: outside life-critical classes each source adds up; for life-critical ones the best of each group,
// and at least one group besides claims; never a privileged class on the OUI alone; pins win; sticky: a former class is
// kept while it still passes, a life-critical one is left only by a person's word.
// `device.device_class` and `class_reason` are the former answer; `device.pinned_class` is the operator's pin.
Classification classify(const inventory::Device& device, const policy::Policy& policy);

}  // namespace wardline::identity
