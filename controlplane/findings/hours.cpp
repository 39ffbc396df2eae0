#include "controlplane/findings/hours.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wardline::findings {
namespace {

constexpr int kHours = 7 * 24;

}  // namespace

int ClassHours::hour_of_week(WallTime time) {
  const auto hours = std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
  return static_cast<int>((hours % kHours + kHours) % kHours);
}

void ClassHours::restore(const inventory::ClassHour& hour) {
  if (hour.hour < 0 || hour.hour >= kHours) return;
  auto& first = classes_[hour.device_class][static_cast<std::size_t>(hour.hour)];
  first = first ? std::min(*first, hour.first_seen) : hour.first_seen;
}

// Clocks change by an hour, and shifts do not end on the minute.
bool ClassHours::near_a_known_hour(const Week& week, int hour, WallTime first) {
  return std::ranges::any_of(std::array{-1, 1}, [&](int step) {
    const auto& known = week[static_cast<std::size_t>((hour + step + kHours) % kHours)];
    return known && *known + std::chrono::hours(24) <= first;
  });
}

std::optional<Condition> ClassHours::note(const inventory::Device& device, WallTime time) {
  if (device.device_class == "unidentified") return std::nullopt;
  if (classes_.size() >= kMostClasses && !classes_.contains(device.device_class)) return std::nullopt;
  auto& week = classes_[device.device_class];
  const auto hour = hour_of_week(time);
  auto& first = week[static_cast<std::size_t>(hour)];
  if (!first) {
    first = time;
    unsaved_.push_back({device.device_class, hour, time});
  }
  const auto since =
      **std::ranges::min_element(week, {}, [](const auto& each) { return each ? *each : WallTime::max(); });
  // Told in the first such hour only: what was seen a week ago is not never.
  if (since + kKnownAfter > *first || *first + std::chrono::hours(1) <= time) return std::nullopt;
  if (near_a_known_hour(week, hour, *first)) return std::nullopt;
  return Condition{
      .kind = "unusual_hours",
      .explanation = fmt::format("{} is alive on {:%A at %H:00 UTC}, an hour of the week at which no {} was seen since "
                                 "{:%Y-%m-%d}.",
                                 device.id, std::chrono::floor<std::chrono::seconds>(time), device.device_class,
                                 std::chrono::floor<std::chrono::seconds>(since)),
      .evidence = {fmt::format("seen at {:%Y-%m-%d %H:%M:%S} UTC", std::chrono::floor<std::chrono::seconds>(time))}};
}

void ClassHours::unsaved_again(const std::vector<inventory::ClassHour>& hours) {
  unsaved_.insert(unsaved_.end(), hours.begin(), hours.end());
}

std::vector<inventory::ClassHour> ClassHours::take_unsaved() {
  return std::exchange(unsaved_, {});
}

}  // namespace wardline::findings
