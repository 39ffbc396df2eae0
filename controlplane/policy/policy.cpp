#include "controlplane/policy/policy.h"

#include <algorithm>
#include <array>

namespace wardline::policy {
namespace {

template <std::size_t N, typename Enum>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view text_of(Purpose purpose) {
  return word(std::array<std::string_view, 3>{"medical", "operational", "none"}, purpose);
}
std::string_view text_of(enforce::Criticality criticality) {
  return word(std::array<std::string_view, 4>{"none", "care-support", "care-critical", "life-critical"}, criticality);
}
std::string_view text_of(enforce::Mode mode) {
  return word(std::array<std::string_view, 3>{"inherit", "monitor", "enforce"}, mode);
}
std::string_view text_of(enforce::Profile profile) {
  return word(std::array<std::string_view, 4>{"none", "contain", "isolate", "cut-off"}, profile);
}

std::unique_ptr<const enforce::Snapshot> Policy::make_snapshot(std::uint32_t epoch) const {
  auto snapshot = std::make_unique<enforce::Snapshot>(plain);
  snapshot->epoch = epoch;
  return snapshot;
}

const RegisterEntry* Policy::find_register(const Mac& mac) const {
  const auto found = register_by_mac.find(mac);
  return found == register_by_mac.end() ? nullptr : &devices[found->second];
}

const RegisterEntry* Policy::find_register_id(std::string_view id) const {
  const auto found = std::ranges::find(devices, id, &RegisterEntry::id);
  return found == devices.end() ? nullptr : &*found;
}

bool Policy::in_role(const std::string& role, const Address& address) const {
  const auto found = roles.find(role);
  return found != roles.end() && std::ranges::any_of(found->second, [&](const AddressRange& range) {
           return range.low <= address && address <= range.high;
         });
}

}  // namespace wardline::policy
