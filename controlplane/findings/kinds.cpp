#include "controlplane/findings/kinds.h"

#include <algorithm>
#include <array>

namespace wardline::findings {
namespace {

constexpr std::array kKinds{
    // Conditions of one device.
    Kind{"not_in_register", Life::kChecked, "medium",
         "The device is in no line of the asset register. Said only where the register has lines.",
         "Find out whose it is; add it to devices.yaml, or take it off the network."},
    Kind{"register_mismatch", Life::kChecked, "medium",
         "Class, maker, model, segment or switch are not what its line of the asset register says.",
         "Correct the line, or look whether another device stands in its place."},
    Kind{"unexpected_segment", Life::kChecked, "medium",
         "The device is in a segment that does not expect its class. There it is judged as unidentified. Over a day "
         "after it was seen there last.",
         "Move it back, or add its class to `expects:` of the segment."},
    Kind{"contradiction", Life::kCondition, "high",
         "Evidence speaks against the class that the device has. It may be a clone behind its MAC.",
         "Look at the device; pin its class if it is what it should be (`wardline explain DEVICE`)."},
    Kind{"locally_administered_mac", Life::kChecked, "medium",
         "A MAC that no maker gave, in a segment for medical devices: a virtual machine, a random or a made-up MAC.",
         "Find the device. One that needs such a MAC goes into devices.yaml."},
    Kind{"rogue_hardware_vendor", Life::kChecked, "high",
         "The MAC's maker sells hobby computers, radio modules or attack tools. Medium for makers of common network "
         "adapters, routers and home automation.",
         "Find it by its switch port. One that belongs there goes into devices.yaml."},
    Kind{"no_medical_purpose", Life::kChecked, "low",
         "A class whose purpose is `none`, and no line of the asset register that wants it there.",
         "Take it off the network, or enter it in devices.yaml."},
    Kind{"exception_expired", Life::kChecked, "medium",
         "An exception of the device in devices.yaml has ended and is no longer in force.",
         "Renew it with a new reason, or take it out."},
    Kind{"loaner_overdue", Life::kChecked, "medium",
         "A loaner of the asset register whose last day has passed. Its line pins it to no class any more, but to a "
         "life-critical one (high).",
         "Give it back and take its line out, or agree on a later day and write it there."},
    Kind{"end_of_support_os", Life::kChecked, "medium",
         "The device shows an operating system that gets no corrections any more, or speaks SMB version 1 only.",
         "Ask the maker for an upgrade; until then keep its rules narrow and its segment apart."},
    Kind{"duplicate_ip", Life::kCondition, "high",
         "Two devices of one segment take turns in using one address, more than once there and back within five "
         "minutes. One that takes over the address of a device that is gone is none, nor one that gives it back, nor "
         "are the MACs of first-hop redundancy.",
         "Correct the address of one of them; if neither should have it, one pretends to be the other."},
    Kind{"mac_on_two_legs", Life::kCondition, "high",
         "One MAC takes turns between segments of different bundles, more than twice there and back within five "
         "minutes: a loop, or a copy of the device. One that roams there and back is none.",
         "Look for a cable between the networks; then for a second device with this MAC."},
    Kind{
        "forged_mac", Life::kChecked, "high",
        "What the device shows does not fit its MAC, or not what it showed before: its DHCP client or TCP stack became "
        "another, an opening is a scanner's, what it says of itself is nothing that the MAC's maker builds, two "
        "machines "
        "use the MAC by turns. When it begins with severity high, the device is contained (`wardline quarantine list`) "
        "where its class is enforced and may be quarantined. Over when the former habits are back, or the new ones are "
        "a "
        "month old.",
        "Go and look which machine it is. If it is the right one, release the quarantine and acknowledge the finding."},
    Kind{"hidden_router", Life::kCondition, "medium",
         "Systems that differ speak by turns with the address of one device, or one system does from its own wire and "
         "from behind a router: a router that hides machines (NAT), a telephone's hot spot, virtual machines, "
         "containers. One that was upgraded or boots another system is none, since it does not go back and forth. Over "
         "after a day without.",
         "Find out what stands behind it; each machine belongs on a port of its own."},
    Kind{"rogue_server", Life::kCondition, "high",
         "It gives out addresses (DHCP), answers for names (DNS) or says that it is the IPv6 router, and the policy "
         "knows "
         "it as none of these. Over after a day without.",
         "Take it off the network: who believes it can be led to other machines. If it is yours, give it a role."},
    Kind{
        "new_server", Life::kCondition, "medium",
        "It answers as a server of an application of which no device of its class, which was seen for a week at least, "
        "was one. Low where the policy allows it. Told for a week; over after a day without.",
        "Ask who opened the service; close it, or give the class a rule."},
    Kind{"unencrypted_phi", Life::kCondition, "low",
         "It speaks HL7, DICOM or POCT1-A without encryption. Medium where the other end is in no role and no zone. "
         "What "
         "was said is not kept. Over after a day without.",
         "Use TLS where both ends can; until then keep the way between them short and apart. Medium: find out who that "
         "is."},
    Kind{"default_credentials", Life::kCondition, "medium",
         "A login with a password that devices leave the factory with, at this device or by it. Over after 30 days "
         "without.",
         "Change the password."},
    Kind{"unusual_hours", Life::kCondition, "low",
         "It is alive at an hour of the week (UTC) at which no device of its class ever was, an hour around it "
         "included. Not "
         "said before two weeks of the class are known. Over when the class is quiet again for two hours.",
         "Ask who works there at that time. What is seen a second week is usual."},
    Kind{"one_sided_flows", Life::kCondition, "medium",
         "Of most of its TCP connections only one direction crosses here: the other goes another way, where it is "
         "neither "
         "judged nor counted. Not said of segments that are declared `asymmetric`. Over after an hour without.",
         "Look for a second way to the core, or a cable in the wrong port of a bundle."},
    Kind{
        "power_class_changed", Life::kChecked, "medium",
        "A device that is powered over its cable says by LLDP that it is of another power class than before. Seen only "
        "where nothing is between it and the appliance, since no switch passes LLDP on. Over when the former class is "
        "back, or the new one is a month old.",
        "Look whether the same machine stands there; a new version of its software may say another class, too."},
    // Conditions of the register and the site.
    Kind{"register_silent", Life::kCondition, "low",
         "A device of the asset register was not seen for longer than the appliance was told to wait. Off unless set.",
         "Look where the device is; take its line out when it is gone."},
    Kind{"unmapped_vlan", Life::kCondition, "medium",
         "Frames with tags that belong to no segment. Their devices are monitored only.",
         "Add a segment for the tags to site.yaml, or take the VLAN off the trunk."},
    Kind{"device_table_filling", Life::kCondition, "medium", "Nine tenths of the device slots are in use.",
         "Raise `devices` in wardlined.yaml; look for made-up MACs."},
    Kind{"device_table_full", Life::kCondition, "high",
         "All device slots are in use: new devices stay unidentified and cannot be quarantined.",
         "Raise `devices` in wardlined.yaml; look for made-up MACs."},
    Kind{"quarantine_breaker", Life::kCondition, "critical",
         "Automatic quarantine is stopped for a class, a segment or the site: too many were hit within an hour.",
         "Look now: it is an outbreak, or a policy that is wrong."},
    Kind{"link_speed_changed", Life::kCondition, "low",
         "The link of a leg runs at another speed or duplex than it did. A link that went and came back as it was is "
         "none. A change while wardlined was not running is not seen. Over when the former speed is back, or after a "
         "month.",
         "Look at the cable and at what is at its other end: a switch, a hub or a device in between."},
    // Events.
    Kind{"moved", Life::kEvent, "info", "A device is also seen in another segment that expects its class.",
         "Nothing, unless it should not move."},
    Kind{"device_flood", Life::kEvent, "high", "More unknown devices a second turn up in a segment than is plausible.",
         "Look for somebody who makes up MACs, or a network that was joined to it."},
    Kind{"quarantine_weakened", Life::kEvent, "critical",
         "A device under quarantine turned out to be life-critical, so it is contained only.",
         "Decide with a second person whether more is needed."},
    Kind{"alert_target_lost", Life::kEvent, "high", "An alert target could not be looked up at the start.",
         "Correct its name or the name service, and start wardlined again."},
    Kind{"inventory_set_aside", Life::kEvent, "high",
         "The inventory was damaged or of a newer program, and an empty one begun.",
         "Keep the file that was set aside; see operations.md."},
};

std::string_view life_text(Life life) {
  return life == Life::kEvent ? "event" : "condition";
}

}  // namespace

std::span<const Kind> kinds() {
  return kKinds;
}

const Kind* kind_named(std::string_view id) {
  const auto found = std::ranges::find(kKinds, id, &Kind::id);
  return found == kKinds.end() ? nullptr : &*found;
}

std::string manual() {
  std::string page =
      "# Findings\n\n"
      "Made by `scripts/docs` from the table of kinds; do not edit. A condition is told once when it begins and stays "
      "open until it ends by itself;\n"
      "a person may acknowledge it for a time (`wardline finding acknowledge`). An event is told once and is in no "
      "list. High and critical ones are alerts.\n\n"
      "| kind | life | severity | what it means | what to do |\n| --- | --- | --- | --- | --- |\n";
  for (const auto& kind : kKinds)
    page.append("| `")
        .append(kind.id)
        .append("` | ")
        .append(life_text(kind.life))
        .append(" | ")
        .append(kind.severity)
        .append(" | ")
        .append(kind.meaning)
        .append(" | ")
        .append(kind.action)
        .append(" |\n");
  return page;
}

}  // namespace wardline::findings
