#include "controlplane/findings/checks.h"

namespace wardline::findings {

Conditions check(const inventory::Device& device, const Surroundings& around) {
  Conditions out;
  for (const auto family :
       {check_register, check_place, check_hardware, check_purpose, check_lifetime, check_forgery, check_power})
    family(device, around, out);
  return out;
}

}  // namespace wardline::findings
