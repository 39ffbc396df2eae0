// Makers of what should not stand beside a bed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

struct Maker {
  std::string_view begins;  // of the name in the IEEE's registry, in lower case
  std::string_view sells;
  std::string_view severity{};
};

// Names as ieee-data has them. Hak5 has no block of its own; its gear is reported with that of Orient Power.
constexpr std::array kMakers{
    Maker{"raspberry pi", "hobby computers"},
    Maker{"espressif", "radio modules"},
    Maker{"orient power home network", "a block that Hak5's attack tools use"},
    Maker{"gl technologies (hong kong)", "travel routers (GL.iNet)"},
    Maker{"guang lian zhi tong", "travel routers (GL.iNet)"},
    Maker{"alfa, inc", "radio adapters made for attacks"},
    Maker{"arduino", "hobby computers"},
    Maker{"particle industries", "radio modules"},
    Maker{"pycom", "radio modules"},
    Maker{"shenzhen xunlong", "hobby computers (Orange Pi)"},
    Maker{"shenzhen wesion", "hobby computers (Khadas)"},
    Maker{"wiznet", "network modules", "medium"},
    Maker{"realtek", "network adapters", "medium"},
    Maker{"asix electronics", "network adapters", "medium"},
    Maker{"nvidia", "small computers (Jetson)", "medium"},
    Maker{"tuya smart", "home automation", "medium"},
    Maker{"routerboard.com", "routers (MikroTik)", "medium"},
    Maker{"edimax", "routers and radio adapters", "medium"},
    Maker{"nordic semiconductor", "radio modules", "medium"},
};

const Maker* maker_of(std::string_view vendor) {
  const auto begins_with = [&](const Maker& maker) {
    return vendor.size() >= maker.begins.size() &&
           std::ranges::equal(maker.begins, vendor.substr(0, maker.begins.size()), {}, {},
                              [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  };
  const auto found = std::ranges::find_if(kMakers, begins_with);
  return found == kMakers.end() ? nullptr : &*found;
}

}  // namespace

// A line of the register is a person's word that it belongs there.
void check_hardware(const inventory::Device& device, const Surroundings& around, Conditions& out) {
  if (around.entry != nullptr) return;
  for (const auto& item : device.evidence) {
    if (item.source != "oui" || item.attribute != "vendor") continue;
    const auto* maker = maker_of(item.value);
    if (maker == nullptr) continue;
    out.push_back({.kind = "rogue_hardware_vendor",
                   .subject = item.value,
                   .explanation = fmt::format("{} has a MAC of {}, who sells {}.", device.id, item.value, maker->sells),
                   .severity = maker->severity});
  }
}

}  // namespace wardline::findings
