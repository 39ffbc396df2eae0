#pragma once
#include "controlplane/policy/stated.h"

namespace wardline::reports {

class Source;

// What a policy says, as temporary tables beside the inventory; empty without a policy:
//
//   policy_class    class, title, purpose, criticality, points (of a device of this class in a risk), mode, rules
//   policy_segment  segment, ward, mode (in force), unidentified, signed_off, bypass, expects, identify_by_ip,
//                   asymmetric
//   register        id, class, vendor, model, title, owner, ward, serial, dhcp_client_id, switch, segment, at
//   register_mac    mac, id
//   exception       device_id (of the register), rule, reason, until ("2027-01-31"), in_force, at
//   expectation     test, class, expect, at
//   matched         id (of the register), device_id (of the inventory); filled by match_register()
void make_policy_tables(Source& source, const policy::StatedPolicy* policy);

// Finds the devices that the register speaks of: by id, else by MAC, else by serial number, else by DHCP client id, as
// the daemon does.
void match_register(Source& source);

}  // namespace wardline::reports
