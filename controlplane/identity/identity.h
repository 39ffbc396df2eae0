#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/device.h"
#include "controlplane/policy/policy.h"
#include "dataplane/events.h"

namespace wardline::identity {

// What an observer read from bytes: attributes of the sender, or of the client behind a relay (DHCP: `about`).
struct Observation {
  std::string source, attribute, value;
  std::optional<Mac> about;          // DHCP: the client hardware address, when it is not the Ethernet source
  std::optional<Address> address;    // an address now bound to that device (DHCP ACK)
};

// Dispatches a copied frame or first bytes to the observers of its protocol. Hostile input: bounded, validated, never
// throws. Returns nothing for what no observer knows. `app_name` is the proved application of first bytes.
std::vector<Observation> observe(const FrameCopy& copy, std::string_view app_name);

// Vendor by longest prefix (36, 28, 24 bits) from Debian's ieee-data. "" when unknown or locally administered.
class OuiTable {
 public:
  static Result<OuiTable> load(const std::string& folder = "/usr/share/ieee-data");
  std::string vendor(const Mac& mac) const;
  std::size_t size() const;

 private:
  std::vector<std::pair<std::uint64_t, std::string>> by24_, by28_, by36_;  // sorted by prefix
};

// Records an observation on the device (bounded, same source+attribute+value only refreshes last_seen).
// True when it is new: classify again.
bool add_evidence(inventory::Device& device, const Observation& observation, inventory::WallTime now);

struct Classification {
  std::string device_class;   // "unidentified" when nothing passes
  int confidence = 0;         // score against threshold, capped at 100
  std::string reason;         // one sentence: "claims 30 (vendor ~ Baxter) + exchange 30 (speaks hl7-mllp ...) = 60 of 60"
  std::vector<std::pair<std::string, int>> runners_up;
  std::vector<int> weights;   // per device.evidence entry: what it gave the winner
  std::vector<std::string> contradictions;  // evidence that speaks against the class kept
};

// The design's rules: outside life-critical classes each source adds up; for life-critical ones the best of each group,
// and at least one group besides claims; never a privileged class on the OUI alone; pins win; sticky: a former class is
// kept while it still passes, a life-critical one is left only by a person's word.
Classification classify(const inventory::Device& device, const policy::Policy& policy);

}  // namespace wardline::identity
