#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "controlplane/inventory/device.h"
#include "controlplane/policy/policy.h"

namespace wardline::identity {

// A piece of evidence that counted, and for how much.
struct Counted {
  std::size_t evidence;  // index into Device::evidence
  int weight;
  policy::EvidenceGroup group;
};

// What a device's evidence says for one class.
struct Score {
  const policy::ClassText* text = nullptr;
  int total = 0;
  std::vector<Counted> counted;
  std::string refusal;  // why the class may not be given although the total suffices; empty: it may

  bool enough() const { return total >= text->threshold; }
  bool passes() const { return enough() && refusal.empty(); }
  double share() const { return static_cast<double>(total) / std::max(1, text->threshold); }  // to compare classes
};

// `listed`: the device stands in the asset register.
Score score_of(const inventory::Device& device, const policy::ClassText& text, const policy::Policy& policy,
               bool listed);

// Whether a rule of a class speaks of this piece of evidence.
bool fits(const policy::EvidenceRule& rule, const inventory::Evidence& evidence);

// "claims 30 (vendor 'ICU Medical, Inc.') + exchange 30 (speaks hl7-mllp as client with hl7-gateway)"; "nothing".
std::string sum_text(const Score& score, const inventory::Device& device);

}  // namespace wardline::identity
