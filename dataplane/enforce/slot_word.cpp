#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {

SlotWord SlotWord::unpack(std::uint64_t raw) {
  SlotWord word;
  word.epoch = static_cast<std::uint32_t>(raw);
  word.device_class = static_cast<ClassId>(raw >> 32 & 0xfff);
  word.former_class = static_cast<ClassId>((raw >> 44 & 0xfff) ^ kNoClass);  // stored inverted: zero memory = none
  word.mode = static_cast<Mode>(raw >> 56 & 3);
  word.quarantine = static_cast<Profile>(raw >> 58 & 7);
  word.armed = static_cast<Profile>(raw >> 61 & 7);
  return word;
}

std::uint64_t SlotWord::pack() const {
  return std::uint64_t{epoch} | std::uint64_t{device_class} << 32 |
         std::uint64_t{static_cast<std::uint16_t>((former_class ^ kNoClass) & 0xfff)} << 44 |
         std::uint64_t{static_cast<std::uint8_t>(mode)} << 56 |
         std::uint64_t{static_cast<std::uint8_t>(quarantine)} << 58 |
         std::uint64_t{static_cast<std::uint8_t>(armed)} << 61;
}

}  // namespace wardline::enforce
