#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace wardline::runtime {

// What drives a kernel interface. `kAuto`: AF_XDP where it carries the interface's frames, else AF_PACKET, with a
// sentence that says why. Means nothing for PCI addresses and raw device strings.
enum class DriverChoice : std::uint8_t { kAuto, kAfXdp, kAfPacket };

// One leg, by what stands in `spec`:
//   "0000:03:00.0"                   a PCI address, bound to vfio-pci
//   "eth1"                           an interface of the kernel, in the network namespace of this process
//   "net_pcap0,rx_pcap=a.pcap,..."   a DPDK device string: net_pcap, net_ring, net_null, net_tap, net_memif
// A device string whose name is a port that exists already takes that port (rings made by rte_eth_from_rings).
struct LegOptions {
  std::string spec{};
  DriverChoice driver = DriverChoice::kAuto;
  std::uint32_t mtu = 0;  // PCI cards alone; 0: 1500. An interface of the kernel keeps the MTU it has.
};

struct PairOptions {
  std::string name{};
  LegOptions device{}, core{};
};

// How the frames of a bundle come to its workers. `kAuto`: by the ports, where all of them can spread frames by the
// device's address (worker q then owns queue q of each), else by software: worker 0 polls and hands them on.
enum class SpreadChoice : std::uint8_t { kAuto, kSoftware };

struct BundleOptions {
  std::string name{};
  std::vector<PairOptions> pairs{};
  std::uint16_t workers = 1;
  SpreadChoice spread = SpreadChoice::kAuto;
};

enum class HugePages : std::uint8_t { kAuto, kOn, kOff };

// What a worker does when no frame came for a while. `kAuto`: sleep, unless every leg is a PCI card.
enum class Idle : std::uint8_t { kAuto, kSpin, kSleep };

struct RuntimeOptions {
  std::vector<BundleOptions> bundles{};
  std::vector<unsigned> cores{};  // worker n is pinned to cores[n % size]; empty: not pinned
  std::vector<std::string> drivers{};  // shared objects with drivers that DPDK does not bring, or folders of such
  HugePages huge_pages = HugePages::kAuto;
  std::uint32_t memory_mb = 0;         // for buffers; 0: as much as the ports need
  std::uint32_t buffers_per_port = 0;  // mbufs; 0: derived from descriptors and bursts
  std::uint16_t rx_descriptors = 1024, tx_descriptors = 1024;
  Idle idle = Idle::kAuto;
};

// Something for the operator to read: at start, or when a link changes.
struct Notice {
  enum class Level : std::uint8_t { kInfo, kWarning };
  Level level = Level::kInfo;
  std::string leg{};   // "east/device (eth1)"; empty: about the whole
  std::string text{};  // a sentence, and what to do

  std::string line() const { return leg.empty() ? text : leg + ": " + text; }
};

}  // namespace wardline::runtime
