#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace wardline::perf {

enum class Kind : std::uint8_t { kUdp, kNewUdp, kScan, kModbus, kTcpFlows, kFile };
enum class Pick : std::uint8_t { kUniform, kZipf };

// `udp:flows=1000;size=64;pick=zipf`: a kind, then keys of which every one has a default. Or the path of a file.
struct WorkloadSpec {
  Kind kind = Kind::kUdp;
  std::uint32_t flows = 1000;
  std::uint32_t devices = 1000;  // no more than flows, which is a multiple of it
  std::uint32_t peers = 16;      // a power of two
  std::uint16_t size = 64;       // bytes of a frame without FCS
  std::uint16_t vlan = 0;        // 0: no tag; a tag makes the frame four bytes longer
  Pick pick = Pick::kUniform;
  std::string file{};
};

std::expected<WorkloadSpec, std::string> parse_spec(std::string_view text);

}  // namespace wardline::perf
