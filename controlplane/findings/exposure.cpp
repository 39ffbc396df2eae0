#include "controlplane/findings/exposure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/inventory/text.h"

namespace wardline::findings {

bool carries_patient_data(std::string_view app) {
  constexpr std::array<std::string_view, 3> kApps{"dicom", "hl7-mllp", "poct1-a"};
  return std::ranges::count(kApps, app) != 0;
}

Condition unencrypted_phi(const inventory::Device& device, std::string_view app, const Peer& peer) {
  return {.kind = "unencrypted_phi",
          .subject = fmt::format("{}, {}", app, peer.of_site ? "inside the site" : "to a stranger"),
          .explanation = fmt::format(
              "{} speaks {} without encryption with {}, which {}: whoever listens on the way can "
              "read what it tells of patients.",
              device.id, app, peer.name, peer.of_site ? "is of the site" : "no role or zone of site.yaml has"),
          .evidence = {fmt::format("speaks = {} with {}", app, peer.name)},
          .severity = peer.of_site ? "low" : "medium"};
}

Condition default_credentials(const inventory::Device& device, bool at_device, const Peer& peer, std::uint16_t port,
                              std::string_view account) {
  const auto who = at_device ? fmt::format("Somebody at {} logged in to {}", peer.name, device.id)
                             : fmt::format("{} logged in to {}", device.id, peer.name);
  return {.kind = "default_credentials",
          .subject = at_device ? "at the device" : "at another",
          .explanation = fmt::format("{} at port {} in clear text with a password that devices leave the factory with. "
                                     "Everybody can find it in a manual.",
                                     who, port),
          .evidence = {"account = " + inventory::clean_text(account)}};
}

}  // namespace wardline::findings
