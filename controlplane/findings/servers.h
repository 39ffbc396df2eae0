#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/findings/checks.h"
#include "controlplane/inventory/class_server.h"

namespace wardline::findings {

// That a device, or an address at the core side (then `who` is it), answers as a server that everybody believes.
// `asker`: whom it answered, or the group.
Condition rogue_server(std::string_view who, std::string_view service, std::string_view subject,
                       std::string_view asker);

// What the devices of each class answer as servers: a class that was seen for a while is known, and what then is new in
// it is told for a while. Kept over restarts, for good: what a device's evidence still shows is not all that it did.
// Bounded: classes and applications that are one too many are not watched.
class ClassServers {
 public:
  static constexpr auto kKnownAfter = std::chrono::days(7), kNewFor = std::chrono::days(7);
  static constexpr std::size_t kMostClasses = 4096, kMostApps = 256;  // of a class

  struct Answer {
    std::string_view app;
    std::uint16_t port = 0;
    bool allowed = false;  // by the policy
  };

  void restore(const inventory::ClassServer& server);
  // What a device was seen to be and to do before: at the start, and when it gets a class.
  void know(const inventory::Device& device);
  std::optional<Condition> note(const inventory::Device& device, const Answer& answer, WallTime time);

  std::vector<inventory::ClassServer> take_unsaved();
  void unsaved_all();

 private:
  using Known = std::map<std::string, WallTime, std::less<>>;  // by application; "": the first device of the class
  Known* known(const inventory::Device& device);               // null: no room
  WallTime first(std::string_view device_class, Known& known, std::string_view app, WallTime time);

  std::map<std::string, Known, std::less<>> classes_;
  std::vector<inventory::ClassServer> unsaved_;
};

}  // namespace wardline::findings
