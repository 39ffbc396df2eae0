#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {

std::uint64_t SlotWord::pack() const {
  return std::uint64_t{epoch} | std::uint64_t{device_class} << 32 |
         std::uint64_t{static_cast<std::uint16_t>((former_class ^ kNoClass) & 0xfff)} << 44 |
         std::uint64_t{static_cast<std::uint8_t>(mode)} << 56 |
         std::uint64_t{static_cast<std::uint8_t>(quarantine)} << 58 |
         std::uint64_t{static_cast<std::uint8_t>(armed)} << 61 |
         std::uint64_t{static_cast<std::uint8_t>(inherited) & 1U} << 60 |
         std::uint64_t{static_cast<std::uint8_t>(inherited) & 2U} << 62;
}

}  // namespace wardline::enforce
