#include <fmt/format.h>

#include <algorithm>

#include "controlplane/identity/identity.h"

namespace wardline::identity {
namespace {

// Of the evidence that a fingerprint was told by, the newest: its source is what the conclusion rests on.
std::string_view source_of(const inventory::Device& device, std::string_view attribute) {
  const inventory::Evidence* newest = nullptr;
  for (const auto& evidence : device.evidence)
    if (evidence.attribute == attribute && (newest == nullptr || evidence.last_seen >= newest->last_seen))
      newest = &evidence;
  return newest == nullptr ? std::string_view("fingerprint") : newest->source;
}

void ask(const inventory::Device& device, std::span<const policy::Seen> seen,
         const policy::DeviceFingerprint& fingerprint, std::vector<Observation>& out) {
  for (const auto& [attribute, value] : fingerprint.told_by(seen))
    out.push_back(
        {.source = fmt::format("{} ({})", source_of(device, fingerprint.when.front().attribute), fingerprint.id),
         .attribute = attribute,
         .value = value});
}

std::vector<policy::Seen> seen_of(const inventory::Device& device) {
  std::vector<policy::Seen> seen;
  for (const auto& evidence : device.evidence) seen.push_back({evidence.attribute, evidence.value});
  return seen;
}

}  // namespace

std::vector<Observation> observations_of_fingerprints(const inventory::Device& device, std::string_view attribute,
                                                      const policy::Policy& policy) {
  std::vector<Observation> out;
  const auto asking = policy.fingerprints.asking(attribute);
  if (asking.empty()) return out;
  const auto seen = seen_of(device);
  for (const auto number : asking) ask(device, seen, policy.fingerprints[number], out);
  return out;
}

std::string maker_of(std::string_view vendor, const policy::Policy& policy) {
  const policy::Seen seen[] = {{"vendor", vendor}};
  for (const auto number : policy.fingerprints.asking("vendor"))
    for (const auto& [attribute, value] : policy.fingerprints[number].told_by(seen))
      if (attribute == "maker") return value;
  return std::string(vendor);
}

}  // namespace wardline::identity
