// What the cables of the appliance itself show.
#include <fmt/format.h>

#include "controlplane/findings/checks.h"

namespace wardline::findings {

Condition link_speed_changed(std::string_view leg, std::string_view usual, std::string_view speed) {
  return {.kind = kLinkSpeedChanged,
          .subject = std::string(leg),
          .explanation = fmt::format("The link of {} runs at {}, and ran at {} before: something else is at its other "
                                     "end or in between, or the cable is damaged.",
                                     leg, speed, usual),
          .evidence = {std::string(usual), std::string(speed)}};
}

}  // namespace wardline::findings
