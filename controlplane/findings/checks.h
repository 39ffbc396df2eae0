#pragma once
#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/device.h"
#include "controlplane/policy/policy.h"

namespace wardline::findings {

using inventory::WallTime;

// Something that is not as it should be, of one device or of none.
struct Condition {
  std::string_view kind;    // of kinds.h
  std::string subject{};    // what tells conditions of one kind and device apart: a segment, an address; or ""
  std::string explanation;  // a sentence for a person who has never heard of the kind
  std::vector<std::string> evidence{};
  std::string_view severity{};  // "": the kind's
};
using Conditions = std::vector<Condition>;

// How long what was seen somewhere still counts as being there.
inline constexpr auto kStillThere = std::chrono::hours(24);

// What a check may know besides the device.
struct Surroundings {
  const policy::Policy& policy;
  const policy::RegisterEntry* entry = nullptr;  // the device's line in the register
  // Devices that bear one of its MACs and are held for other ones, since they turned up where its class is not
  // expected.
  std::vector<const inventory::Device*> namesakes{};
  std::vector<std::string> left{};  // segments of its interfaces where it was not seen for kStillThere
  WallTime now{};
};

// The subject of a forged_mac that is seen to happen (voices.h); the others are checked.
inline constexpr std::string_view kByTurns = "by turns";

// One family a file. Pure: what they say depends on nothing else.
void check_register(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_place(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_hardware(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_purpose(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_lifetime(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_forgery(const inventory::Device& device, const Surroundings& around, Conditions& out);
void check_power(const inventory::Device& device, const Surroundings& around, Conditions& out);

// All of them.
Conditions check(const inventory::Device& device, const Surroundings& around);

// Lines of the register that none of the devices seen belongs to. `seen`: their lines' ids.
Conditions check_register_silence(const policy::Policy& policy, const std::set<std::string>& seen,
                                  std::chrono::seconds silence);

// That frames with these tags, outer first, came from devices of a bundle, and no segment has them.
Condition unmapped_vlan(std::string_view bundle, std::span<const std::uint16_t> tags);

// That a leg's link runs at another speed than it did. Both are its evidence, the usual one first.
inline constexpr std::string_view kLinkSpeedChanged = "link_speed_changed";
Condition link_speed_changed(std::string_view leg, std::string_view usual, std::string_view speed);

// That a device of this class turned up in a segment that does not expect it.
Condition unexpected_segment(const inventory::Device& device, const Mac& mac, const std::string& segment);

}  // namespace wardline::findings
