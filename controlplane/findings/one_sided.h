#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "controlplane/findings/checks.h"

namespace wardline::findings {

// Devices of whose TCP connections only one direction crosses. Bounded memory; a window that is over begins anew.
class OneSided {
 public:
  static constexpr auto kWindow = std::chrono::minutes(10);
  static constexpr std::size_t kMost = 65'536, kEnough = 5;

  // What one connection carried in all.
  struct Flow {
    std::uint64_t packets_from_device = 0, packets_to_device = 0, bytes = 0;
  };
  // What is to be told once enough of them, and at least half, have shown one direction only.
  std::optional<Condition> note(const inventory::Device& device, const Flow& flow, WallTime time);
  void forget(WallTime now);

 private:
  struct Count {
    WallTime since;
    std::size_t one_sided = 0, both = 0;
  };
  std::map<std::string, Count> counts_;
};

}  // namespace wardline::findings
