#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace wardline::enforce {

struct PortRange;

// Ports that no rule of a policy tells apart are of one class: a question about one of them is a question about all.
// So the port that a client happened to take makes no new question. Built with the snapshot, then read by workers.
class PortClasses {
 public:
  PortClasses() = default;  // each port is a class of its own
  explicit PortClasses(std::span<const PortRange> ranges);

  std::uint16_t of(std::uint16_t port) const { return class_of_.empty() ? port : class_of_[port]; }

 private:
  std::vector<std::uint16_t> class_of_;  // by port; 128 KiB, of which few lines are asked for
};

}  // namespace wardline::enforce
