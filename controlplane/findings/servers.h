#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controlplane/findings/checks.h"

namespace wardline::findings {

// That a device, or an address at the core side (then `who` is it), answers as a server that everybody believes.
// `asker`: whom it answered, or the group.
Condition rogue_server(std::string_view who, std::string_view service, std::string_view subject,
                       std::string_view asker);

// What the devices of each class answer as servers: a class that was seen for a while is known, and what then is new in
// it is told for a while. Bounded by the classes and applications of the policy.
class ClassServers {
 public:
  static constexpr auto kKnownAfter = std::chrono::days(7), kNewFor = std::chrono::days(7);

  struct Answer {
    std::string_view app;
    std::uint16_t port = 0;
    bool allowed = false;  // by the policy
  };

  // What a device was seen to be and to do before: at the start, and when it gets a class.
  void know(const inventory::Device& device);
  std::optional<Condition> note(const inventory::Device& device, const Answer& answer, WallTime time);

 private:
  struct Known {
    WallTime since;  // first device of the class
    std::map<std::string, WallTime, std::less<>> apps;
  };
  Known& known(const inventory::Device& device);

  std::map<std::string, Known, std::less<>> classes_;
};

}  // namespace wardline::findings
