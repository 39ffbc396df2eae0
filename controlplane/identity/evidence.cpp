#include <algorithm>
#include <set>

#include "controlplane/identity/exchange.h"
#include "controlplane/identity/identity.h"
#include "controlplane/identity/place.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::Evidence;

constexpr std::size_t kMaxEvidence = 64;
constexpr std::size_t kMaxPerAttribute = 8;  // a device that changes its name every second pushes out no other evidence

// The piece that is missed least: of the least weight, and of these the one not seen for longest.
template <typename Among>
std::vector<Evidence>::iterator least(std::vector<Evidence>& evidence, Among among) {
  auto found = evidence.end();
  for (auto it = evidence.begin(); it != evidence.end(); ++it) {
    if (!among(*it)) continue;
    if (found == evidence.end() || it->weight < found->weight ||
        (it->weight == found->weight && it->last_seen < found->last_seen))
      found = it;
  }
  return found;
}

void make_room(std::vector<Evidence>& evidence, const Observation& observation) {
  const auto same = [&](const Evidence& e) {
    return e.source == observation.source && e.attribute == observation.attribute;
  };
  const bool by_device = group_of(observation) == policy::EvidenceGroup::kClaims ||
                         group_of(observation) == policy::EvidenceGroup::kExchange;
  if (by_device && static_cast<std::size_t>(std::ranges::count_if(evidence, same)) >= kMaxPerAttribute) {
    evidence.erase(least(evidence, same));
  } else if (evidence.size() >= kMaxEvidence) {
    // Who holds the lease says whose all the rest is; where it stands is not for the device to make forgotten.
    evidence.erase(least(
        evidence, [](const Evidence& e) { return e.attribute != "dhcp.lease_mac" && !is_place_source(e.source); }));
  }
}

}  // namespace

policy::EvidenceGroup group_of(const Observation& observation) {
  if (observation.source == "register" || observation.source == "operator") return policy::EvidenceGroup::kRegister;
  if (observation.source == "segment" || is_place_source(observation.source)) return policy::EvidenceGroup::kPlace;
  if (observation.source == "exchange") {
    const auto exchange = Exchange::parse(observation.value);
    if (exchange && !exchange->with.empty()) return policy::EvidenceGroup::kExchange;
  }
  return policy::EvidenceGroup::kClaims;
}

bool add_evidence(Device& device, const Observation& observation, inventory::WallTime now) {
  auto value = inventory::clean_text(observation.value);
  if (observation.attribute.empty() || value.empty()) return false;
  for (auto& known : device.evidence) {
    if (known.source != observation.source || known.attribute != observation.attribute || known.value != value)
      continue;
    known.last_seen = std::max(known.last_seen, now);
    return false;
  }
  make_room(device.evidence, observation);
  device.evidence.push_back({.source = observation.source,
                             .attribute = observation.attribute,
                             .value = std::move(value),
                             .weight = 0,
                             .group = group_of(observation),
                             .first_seen = now,
                             .last_seen = now});
  return true;
}

bool learn(Device& device, const Observation& observation, const policy::Policy* policy, inventory::WallTime now) {
  if (!add_evidence(device, observation, now)) return false;
  if (policy != nullptr)
    for (const auto& told : observations_of_fingerprints(device, observation.attribute, *policy))
      add_evidence(device, told, now);
  fill_columns(device, policy);
  return true;
}

namespace {

// A conclusion that is drawn again is as old as it was: no reload makes news of it.
void keep_age(Device& device, const std::vector<Evidence>& former) {
  for (auto& each : device.evidence)
    for (const auto& before : former)
      if (before.source == each.source && before.attribute == each.attribute && before.value == each.value) {
        each.first_seen = before.first_seen;
        each.last_seen = before.last_seen;
      }
}

}  // namespace

void conclude_anew(Device& device, const policy::Policy& policy, inventory::WallTime now) {
  const auto concluded = std::ranges::stable_partition(
      device.evidence, [](const Evidence& each) { return each.source.find(" (") == std::string::npos; });
  const std::vector<Evidence> former(concluded.begin(), concluded.end());
  device.evidence.erase(concluded.begin(), concluded.end());
  std::set<std::string> attributes;
  for (const auto& each : device.evidence) attributes.insert(each.attribute);
  for (const auto& attribute : attributes)
    for (const auto& told : observations_of_fingerprints(device, attribute, policy)) add_evidence(device, told, now);
  keep_age(device, former);
  fill_columns(device, &policy);
}

std::optional<Observation> observation_of_vendor(const OuiTable& vendors, const Mac& mac) {
  auto vendor = vendors.vendor(mac);
  if (vendor.empty()) return std::nullopt;
  return Observation{.source = "oui", .attribute = "vendor", .value = std::move(vendor)};
}

std::vector<Observation> observations_of_exchange(std::string_view app_name, bool device_is_client, const Address& peer,
                                                  const policy::Policy& policy) {
  std::vector<Observation> observations;
  const auto add = [&](const std::string& role) {
    const Exchange exchange{.app = std::string(app_name), .as_client = device_is_client, .with = role};
    observations.push_back({.source = "exchange", .attribute = "speaks", .value = exchange.text()});
  };
  for (const auto& [role, ranges] : policy.roles)
    if (policy.in_role(role, peer)) add(role);
  if (observations.empty()) add("");
  return observations;
}

std::vector<Observation> observations_of_place(const policy::SegmentText& segment) {
  std::vector<Observation> observations{{.source = "segment", .attribute = "segment", .value = segment.name}};
  if (!segment.ward.empty()) observations.push_back({.source = "segment", .attribute = "ward", .value = segment.ward});
  for (const auto& expected : segment.expects)
    observations.push_back({.source = "segment", .attribute = "expects", .value = expected});
  return observations;
}

std::vector<Observation> observations_of_register(const policy::RegisterEntry& entry) {
  std::vector<Observation> observations;
  const auto add = [&](const char* attribute, const std::string& value) {
    if (!value.empty()) observations.push_back({.source = "register", .attribute = attribute, .value = value});
  };
  add("register.vendor", entry.vendor);
  add("register.model", entry.model);
  return observations;
}

}  // namespace wardline::identity
