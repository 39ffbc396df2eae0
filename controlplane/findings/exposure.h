#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "controlplane/findings/checks.h"

namespace wardline::findings {

// Applications that carry patient data and have no encryption of their own.
bool carries_patient_data(std::string_view app);

// Who is at the other end: `name` is a role, or the address.
struct Peer {
  std::string name;
  bool of_site = false;  // a role or zone has it, or it is a device
};

// That a device speaks a medical application in clear text. What it says is neither read nor told.
Condition unencrypted_phi(const inventory::Device& device, std::string_view app, const Peer& peer);

// That somebody used a password that devices leave the factory with: at the device, or the device at another.
Condition default_credentials(const inventory::Device& device, bool at_device, const Peer& peer, std::uint16_t port,
                              std::string_view account);

}  // namespace wardline::findings
