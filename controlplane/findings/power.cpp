// What a device that is powered over its cable asks for: the hardware says it, and it does not change by itself.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

using inventory::Device;
using inventory::Evidence;

constexpr std::chrono::hours kTold{30 * 24};  // then it is the usual class

// IEEE 802.3, 33.2.6 and 145.2.8: the most that a device of each class may draw, in watts.
constexpr std::array<double, 8> kMostWatts{3.84, 6.49, 12.95, 25.5, 40, 51, 62, 71.3};

std::optional<int> class_of_watts(std::string_view text) {
  double watts = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), watts).ec != std::errc{}) return std::nullopt;
  const auto fits = std::ranges::find_if(kMostWatts, [&](double most) { return watts <= most; });
  return static_cast<int>(std::min<std::ptrdiff_t>(fits - kMostWatts.begin(), kMostWatts.size() - 1)) + 1;
}

std::optional<int> class_itself(std::string_view text) {
  int number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) return std::nullopt;
  return number;
}

struct Spell {
  WallTime first, last;
  std::string said;
};
using Spells = std::map<int, Spell>;  // by class

Spells spells_of(const Device& device, std::string_view attribute, std::optional<int> (*read)(std::string_view)) {
  Spells spells;
  for (const auto& item : device.evidence) {
    if (item.source != "lldp" || item.attribute != attribute) continue;
    const auto number = read(item.value);
    if (!number) continue;
    const auto said = fmt::format("{} = {}", item.attribute, item.value);
    auto& spell = spells.try_emplace(*number, Spell{item.first_seen, item.last_seen, said}).first->second;
    spell.first = std::min(spell.first, item.first_seen);
    spell.last = std::max(spell.last, item.last_seen);
  }
  return spells;
}

// One class gave way to another. Two that take turns say no more than that the device is not sure of it.
std::optional<Condition> change_in(const Device& device, const Spells& spells, WallTime now) {
  for (const auto& [former, before] : spells)
    for (const auto& [later, after] : spells) {
      if (after.first <= before.last || after.first + kTold <= now) continue;
      return Condition{.kind = "power_class_changed",
                       .explanation = fmt::format(
                           "{} asks for power of class {} over its cable since {:%Y-%m-%d %H:%M:%S} UTC, before that "
                           "for class {}. Another machine may stand at its port.",
                           device.id, later, std::chrono::floor<std::chrono::seconds>(after.first), former),
                       .evidence = {before.said, after.said}};
    }
  return std::nullopt;
}

}  // namespace

// A class is what the hardware is; watts may follow what the device does, so they count only where no class is said,
// and by the class that they belong to.
void check_power(const Device& device, const Surroundings& around, Conditions& out) {
  auto spells = spells_of(device, "lldp.power_class", class_itself);
  if (spells.empty()) spells = spells_of(device, "lldp.power", class_of_watts);
  if (auto changed = change_in(device, spells, around.now)) out.push_back(std::move(*changed));
}

}  // namespace wardline::findings
