#pragma once
#include <array>
#include <cstdint>
#include <string_view>

// The words of the signature language. One table each for the reader, the schema and the manual.
namespace wardline::policy {

inline constexpr std::array<std::string_view, 5> kSeverityWords{"info", "low", "medium", "high", "critical"};
inline constexpr std::array<std::uint8_t, 5> kSeverityNumbers{1, 3, 5, 8, 10};  // by the same place; 0 to 10

// Kinds of threats that a policy's `detections:` may name.
inline constexpr std::array<std::string_view, 13> kGroupWords{
    "worm",   "exploit",     "scanner",      "botnet", "miner",      "c2",   "remote-access",
    "policy", "credentials", "exfiltration", "dos",    "ransomware", "recon"};

inline constexpr std::array<std::string_view, 2> kTransportWords{"tcp", "udp"};
inline constexpr std::array<std::string_view, 3> kSideWords{"client", "server", "either"};
inline constexpr std::array<std::string_view, 3> kMatchWords{"any", "all", "sequence"};

// Words that rules use with a meaning of their own, and applications that the code knows without a signature.
inline constexpr std::array<std::string_view, 6> kReservedApps{"unknown", "unclassified", "any",
                                                               "icmp",    "ftp-data",     "none"};

inline constexpr std::size_t kMaxPatterns = 32;
inline constexpr std::int64_t kMaxScanBytes = 65535;  // a datagram
inline constexpr std::int64_t kMaxGap = 4096;         // between two patterns of a sequence

}  // namespace wardline::policy
