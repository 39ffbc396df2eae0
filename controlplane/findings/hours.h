#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/findings/checks.h"
#include "controlplane/inventory/class_hour.h"

namespace wardline::findings {

// At which hours of the week devices of each class were ever seen. Nothing is unusual before two weeks are known.
// Bounded by the classes of the policy.
class ClassHours {
 public:
  static constexpr auto kKnownAfter = std::chrono::days(14);
  static constexpr std::size_t kMostClasses = 4096;

  static int hour_of_week(WallTime time);

  void restore(const inventory::ClassHour& hour);
  // What is to be told of a device that is alive now. Once an hour and device is enough.
  std::optional<Condition> note(const inventory::Device& device, WallTime time);
  std::vector<inventory::ClassHour> take_unsaved();
  void unsaved_again(const std::vector<inventory::ClassHour>& hours);

 private:
  using Week = std::array<std::optional<WallTime>, 7 * 24>;  // when the hour was seen first
  static bool near_a_known_hour(const Week& week, int hour, WallTime first);

  std::map<std::string, Week, std::less<>> classes_;
  std::vector<inventory::ClassHour> unsaved_;
};

}  // namespace wardline::findings
