#include "controlplane/findings/addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "controlplane/inventory/address_text.h"

namespace wardline::findings {

bool shared_by_routers(const Mac& mac) {
  struct Prefix {
    std::uint64_t number;
    int bits;
  };
  // VRRP for IPv4 and IPv6 (RFC 9568, 7.3), HSRP version 1, version 2 and for IPv6, GLBP.
  static constexpr Prefix kPrefixes[] = {{0x00'00'5e'00'01, 40}, {0x00'00'5e'00'02, 40}, {0x00'00'0c'07'ac, 40},
                                         {0x00'00'0c'9f'f, 36},  {0x00'05'73'a0'0, 36},  {0x00'07'b4'00, 32}};
  constexpr int kMacBits = 48;
  return std::ranges::any_of(
      kPrefixes, [&](const Prefix& prefix) { return mac.number() >> (kMacBits - prefix.bits) == prefix.number; });
}

std::optional<Condition> AddressUse::note(const std::string& segment, const Address& address, const std::string& device,
                                          const Mac& mac, WallTime time) {
  if (shared_by_routers(mac) || address.unspecified() || address.multicast() || address.limited_broadcast())
    return std::nullopt;
  const auto others = uses_.note({segment, address}, device, time, [](const std::string&) { return true; });
  if (others.empty()) return std::nullopt;
  const auto text = inventory::text_of(address);
  return Condition{.kind = "duplicate_ip",
                   .subject = text,
                   .explanation = fmt::format("{} and {} of segment {} take turns in using {}.", device, others.front(),
                                              segment, text),
                   .evidence = others};
}

std::optional<Condition> MacUse::note(const Mac& mac, const Leg& leg, const std::string& device, WallTime time) {
  if (mac.zero() || mac.group() || shared_by_routers(mac)) return std::nullopt;
  const auto others = uses_.note(
      mac, leg, time, [&](const Leg& other) { return other.bundle != leg.bundle && other.segment != leg.segment; });
  if (others.empty()) return std::nullopt;
  const auto [first, second] = std::minmax(others.front().segment, leg.segment);
  return Condition{.kind = "mac_on_two_legs",
                   .subject = inventory::text_of(mac),
                   .explanation = fmt::format("{} ({}) takes turns between the segments {} and {}, which are of "
                                              "different bundles.",
                                              inventory::text_of(mac), device, first, second)};
}

}  // namespace wardline::findings
