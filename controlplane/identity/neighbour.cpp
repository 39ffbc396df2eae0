#include "controlplane/identity/neighbour.h"

#include <algorithm>
#include <array>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {
namespace {

constexpr std::uint16_t kLldp = 0x88cc, kLlc = 0;
constexpr std::array<std::uint64_t, 3> kLldpGroups{0x0180c200000e, 0x0180c2000003, 0x0180c2000000};  // 802.1AB, 7.1
constexpr std::uint64_t kCiscoGroup = 0x01000ccccccc;

std::string said(const Observations& told, std::string_view attribute) {
  const auto found = std::ranges::find(told, attribute, &Observation::attribute);
  return found == told.end() ? std::string() : inventory::clean_text(found->value, kMaxPlaceText);
}

bool names_switch(std::string_view capabilities) {
  const auto has = [&](std::string_view word) { return capabilities.find(word) != std::string_view::npos; };
  return has("bridge") && !has("station") && !has("telephone") && !has("access-point") && !has("cable");
}

// A port that is called by its MAC says more by its description.
std::string port_of(const Observations& told) {
  auto id = said(told, "lldp.port_id"), description = said(told, "lldp.port");
  const bool nameless = id.empty() || inventory::parse_mac(id).has_value();
  return nameless && !description.empty() ? description : id;
}

Neighbour of_lldp(const Observations& told) {
  Neighbour found{.protocol = "lldp",
                  .id = said(told, "lldp.chassis_id"),
                  .name = said(told, "lldp.name"),
                  .port = port_of(told),
                  .vlan = said(told, "lldp.vlan"),
                  .mac = {},
                  .is_switch = names_switch(said(told, "lldp.capabilities"))};
  if (found.name.empty()) found.name = found.id;
  return found;
}

Neighbour of_cdp(const Observations& told) {
  const auto name = said(told, "cdp.name");
  return {.protocol = "cdp",
          .id = name,
          .name = name,
          .port = said(told, "cdp.port"),
          .vlan = said(told, "cdp.vlan"),
          .mac = {},
          .is_switch = names_switch(said(told, "cdp.capabilities"))};
}

}  // namespace

std::optional<Neighbour> neighbour_of(const FrameCopy& copy) {
  if (copy.what != FrameCopy::What::kFrame) return std::nullopt;
  const auto view = packet::parse(Bytes(copy.bytes.data(), std::min<std::size_t>(copy.length, copy.bytes.size())));
  if (view.shape != packet::Shape::kLinkControl || view.tag_count != 0 || view.source_mac.group()) return std::nullopt;
  const auto target = view.target_mac.number();
  Observations told;
  std::optional<Neighbour> found;
  if (view.ethertype == kLldp && std::ranges::count(kLldpGroups, target) != 0) {
    observe_lldp(view.payload, told);
    found = of_lldp(told);
  } else if (view.ethertype == kLlc && target == kCiscoGroup) {
    observe_cdp(view.payload, told);
    found = of_cdp(told);
  }
  if (!found || found->id.empty()) return std::nullopt;
  found->mac = view.source_mac;
  return found;
}

}  // namespace wardline::identity
