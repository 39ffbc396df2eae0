#include "controlplane/findings/one_sided.h"

#include <fmt/format.h>

namespace wardline::findings {
namespace {

// More than an opening that is tried again and again without an answer.
constexpr std::uint64_t kPackets = 8, kBytes = 1500;

}  // namespace

std::optional<Condition> OneSided::note(const inventory::Device& device, const Flow& flow, WallTime time) {
  const bool from = flow.packets_from_device != 0, to = flow.packets_to_device != 0;
  const bool one = from != to;
  if (one && (flow.packets_from_device + flow.packets_to_device < kPackets || flow.bytes < kBytes)) return std::nullopt;
  if (counts_.size() >= kMost && !counts_.contains(device.id)) return std::nullopt;
  auto& count = counts_.try_emplace(device.id, Count{.since = time}).first->second;
  if (count.since + kWindow <= time) count = {.since = time};
  ++(one ? count.one_sided : count.both);
  if (!one || count.one_sided < kEnough || count.one_sided < count.both) return std::nullopt;
  return Condition{.kind = "one_sided_flows",
                   .explanation = fmt::format(
                       "Of {} only what {} crosses here: {} connections within ten minutes carried data in one "
                       "direction alone, {} in both.",
                       device.id, from ? "it sends" : "it receives", count.one_sided, count.both),
                   .evidence = {fmt::format("the last: {} packets from the device, {} to it", flow.packets_from_device,
                                            flow.packets_to_device)}};
}

void OneSided::forget(WallTime now) {
  std::erase_if(counts_, [&](const auto& item) { return item.second.since + kWindow < now; });
}

}  // namespace wardline::findings
