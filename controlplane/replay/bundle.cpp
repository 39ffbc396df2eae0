#include "controlplane/replay/bundle.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardline::replay {
namespace {

constexpr std::size_t kMostBundles = 8;  // each has a worker of its own, with its tables

Error refusal(const std::string& found, std::string_view expected) {
  return {"replay.bundle", "--bundle", fmt::format("'{}': expected {}", found, expected)};
}

Bundle read(const std::string& text) {
  const auto colon = std::min(text.find(':'), text.size());
  Bundle bundle{text.substr(0, colon)};
  const auto legs = colon == text.size() ? "" : text.substr(colon + 1);
  const auto comma = std::min(legs.find(','), legs.size());
  bundle.device_leg = legs.substr(0, comma);
  if (comma != legs.size()) bundle.core_leg = legs.substr(comma + 1);
  return bundle;
}

}  // namespace

std::expected<std::vector<Bundle>, Errors> bundles_of(std::span<const std::string> options) {
  std::vector<Bundle> bundles;
  Errors wrong;
  for (const auto& option : options) {
    auto bundle = read(option);
    if (bundle.name.empty() || bundle.core_leg.contains(','))
      wrong.push_back(refusal(option, "a name and the captures of its two legs: east:device.pcap,core.pcap"));
    else if (std::ranges::count(bundles, bundle.name, &Bundle::name) != 0)
      wrong.push_back(refusal(option, "each name once"));
    bundles.push_back(std::move(bundle));
  }
  if (bundles.size() > kMostBundles)
    wrong.push_back(refusal(options.back(), fmt::format("at most {} bundles", kMostBundles)));
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  return bundles;
}

}  // namespace wardline::replay
