#include "perf/generator/workload_spec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "perf/generator/addresses.h"

namespace wardline::perf {
namespace {

// Ports of one device toward one peer that formulas use: 1024 up.
constexpr std::uint64_t kPorts = 64'000;

struct KindName {
  std::string_view word;
  Kind kind;
};
constexpr std::array kKinds{KindName{"udp", Kind::kUdp}, KindName{"newudp", Kind::kNewUdp},
                            KindName{"scan", Kind::kScan}, KindName{"modbus", Kind::kModbus},
                            KindName{"tcpflows", Kind::kTcpFlows}};

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

template <typename Number>
std::string take_number(std::string_view key, std::string_view text, std::uint64_t low, std::uint64_t high,
                        Number& into) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < low || value > high)
    return std::string(key) + " is a number from " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
           quoted(text);
  into = static_cast<Number>(value);
  return {};
}

std::string take_key(WorkloadSpec& spec, std::string_view key, std::string_view value) {
  if (key == "flows") return take_number(key, value, 1, 100'000'000, spec.flows);
  if (key == "devices") return take_number(key, value, 1, kMostDevices, spec.devices);
  if (key == "peers") return take_number(key, value, 1, kMostPeers, spec.peers);
  if (key == "size") return take_number(key, value, 64, 1518, spec.size);
  if (key == "vlan") return take_number(key, value, 1, 4094, spec.vlan);
  if (key == "pick") {
    if (value != "uniform" && value != "zipf") return "pick is uniform or zipf, found " + quoted(value);
    spec.pick = value == "zipf" ? Pick::kZipf : Pick::kUniform;
    return {};
  }
  return "there is no key " + quoted(key) + "; there are flows, devices, peers, size, vlan, pick";
}

std::string fault_of(WorkloadSpec& spec) {
  if (!std::has_single_bit(spec.peers)) return "peers is a power of two, found " + std::to_string(spec.peers);
  if (spec.kind == Kind::kModbus || spec.kind == Kind::kTcpFlows) spec.peers = 1;
  if (spec.kind == Kind::kNewUdp) return {};
  spec.devices = std::min(spec.devices, spec.flows);
  if (spec.flows % spec.devices != 0)
    return "each device has as many flows as the next, so flows is a multiple of devices; " +
           std::to_string(spec.flows) + " is none of " + std::to_string(spec.devices);
  const auto most = std::uint64_t{spec.devices} * spec.peers * kPorts;
  if (spec.flows > most)
    return std::to_string(spec.devices) + " devices and " + std::to_string(spec.peers) + " peers have ports for " +
           std::to_string(most) + " flows, and " + std::to_string(spec.flows) + " are asked for";
  return {};
}

}  // namespace

std::expected<WorkloadSpec, std::string> parse_spec(std::string_view text) {
  WorkloadSpec spec;
  const auto colon = std::min(text.find(':'), text.size());
  const auto word = text.substr(0, colon);
  const auto kind = std::ranges::find(kKinds, word, &KindName::word);
  if (kind == kKinds.end()) {
    if (text.find('/') == std::string_view::npos)
      return std::unexpected("workload " + quoted(text) +
                             " is neither udp, newudp, scan, modbus, tcpflows nor the path of a file");
    spec.kind = Kind::kFile;
    spec.file = text;
    return spec;
  }
  spec.kind = kind->kind;
  auto rest = text.substr(std::min(colon + 1, text.size()));
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = pair.substr(std::min(equals + 1, pair.size()));
    if (auto fault = take_key(spec, pair.substr(0, equals), value); !fault.empty())
      return std::unexpected("workload " + quoted(text) + ": " + fault);
  }
  if (auto fault = fault_of(spec); !fault.empty()) return std::unexpected("workload " + quoted(text) + ": " + fault);
  return spec;
}

}  // namespace wardline::perf
