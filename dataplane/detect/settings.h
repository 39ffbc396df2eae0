#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/ids.h"

namespace wardline::detect {

// Behaviour that no pattern shows. Each has a place in the policy (`detectors:`) and a number among the signatures, so
// that records, actions and exceptions treat it like one.
enum class Detector : std::uint8_t {
  kPortScan,    // many ports of one peer
  kHostScan,    // one port of many peers
  kSlowScan,    // many peers or ports over a long window
  kBruteForce,  // many short connections to one service that asks for a password
  kSynFlood,    // connections opened and never completed
  kUdpFlood,
  kIcmpFlood,
  kAmplification,  // the device answers strangers with much more than they asked
  kBeaconing,      // connections to one peer at even intervals
  kDnsTunnel,
  kGeneratedNames,  // names that look made by a program, and do not exist
  kIcmpTunnel,
  kArpSpoofing,      // a device claims an address of another
  kRogueDhcpServer,  // DHCP offers from the device side, or from a core address of no role
  kRogueRouter,      // router advertisements from the device side
  kMacFlapping,
  kMassFileChange,  // many SMB writes and renames a second
  kClearTextPatientData,
  kClearTextPassword,
  kDefaultPassword,
  kMiraiScan,         // a SYN whose sequence number is its destination address
  kSourceRoute,       // IPv4 LSRR/SSRR from a device
  kIpInIp,            // a tunnel from or to a device
  kBrokenTcpOptions,  // a SYN with options that no honest stack sends
  kCount
};
inline constexpr std::size_t kDetectorCount = static_cast<std::size_t>(Detector::kCount);

inline constexpr std::array<std::string_view, kDetectorCount> kDetectorNames{
    "port_scan",           "host_scan",         "slow_scan",
    "brute_force",         "syn_flood",         "udp_flood",
    "icmp_flood",          "amplification",     "beaconing",
    "dns_tunnel",          "generated_names",   "icmp_tunnel",
    "arp_spoofing",        "rogue_dhcp_server", "rogue_router",
    "mac_flapping",        "mass_file_change",  "clear_text_patient_data",
    "clear_text_password", "default_password",  "mirai_scan",
    "source_route",        "ip_in_ip",          "broken_tcp_options"};

// One detector as the policy has it: `count` of what it counts within `within_seconds` raises it.
struct Setting {
  bool enabled = false;
  std::uint32_t count = 0, within_seconds = 0;
  SignatureId signature = kNoSignature;
};

using Settings = std::array<Setting, kDetectorCount>;

}  // namespace wardline::detect
