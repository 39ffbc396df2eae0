#include "controlplane/policy/attributes.h"

#include <array>

namespace wardline::policy {
namespace {

constexpr auto kClaims = EvidenceGroup::kClaims;
constexpr std::array kAttributes{
    Attribute{"vendor", kClaims, "maker of the MAC's prefix, as ieee-data names it"},
    Attribute{"oui", kClaims, "the MAC's first three bytes, 00:09:fb"},
    Attribute{"dhcp.vendor_class", kClaims, "DHCP option 60"},
    Attribute{"dhcp.hostname", kClaims, "DHCP option 12"},
    Attribute{"dhcp.params", kClaims, "DHCP option 55 in its order, 1,3,6,15"},
    Attribute{"dhcp.client_id", kClaims, "DHCP option 61 in hex"},
    Attribute{"dhcp.user_class", kClaims, "DHCP option 77"},
    Attribute{"dicom.ae_title", kClaims, "the device's own title in an association, calling or called"},
    Attribute{"dicom.calling_ae", kClaims, "calling title of an association that the device opens"},
    Attribute{"dicom.called_ae", kClaims, "called title of an association that the device accepts"},
    Attribute{"dicom.implementation", kClaims, "implementation version name of an association"},
    Attribute{"dicom.implementation_uid", kClaims, "implementation class UID of an association"},
    Attribute{"hl7.sender", kClaims, "sending application, MSH-3"},
    Attribute{"hl7.facility", kClaims, "sending facility, MSH-4"},
    Attribute{"http.user_agent", kClaims, "User-Agent of its requests"},
    Attribute{"http.server", kClaims, "Server of its answers"},
    Attribute{"ssh.banner", kClaims, "the line with which its SSH begins"},
    Attribute{"tls.sni", kClaims, "server name that it asks for"},
    Attribute{"mdns.name", kClaims, "name that it announces"},
    Attribute{"mdns.service", kClaims, "service that it announces, _airplay._tcp"},
    Attribute{"ssdp.server", kClaims, "SERVER of its announcements"},
    Attribute{"ssdp.type", kClaims, "NT or ST of its announcements"},
    Attribute{"lldp.name", kClaims, "system name of its LLDP frames"},
    Attribute{"lldp.description", kClaims, "system description of its LLDP frames"},
    Attribute{"cdp.platform", kClaims, "platform of its CDP frames"},
    Attribute{"bacnet.vendor", kClaims, "vendor number of its I-Am"},
    Attribute{"segment", EvidenceGroup::kPlace, "segment in which it is seen"},
    Attribute{"ward", EvidenceGroup::kPlace, "ward of that segment"},
    Attribute{"dhcp.circuit_id", EvidenceGroup::kPlace, "DHCP option 82, set by the access switch"},
    Attribute{"switch", EvidenceGroup::kPlace, "switch that it hangs on"},
    Attribute{"port", EvidenceGroup::kPlace, "that switch's port"},
    Attribute{"register.model", EvidenceGroup::kRegister, "model in devices.yaml"},
    Attribute{"register.vendor", EvidenceGroup::kRegister, "vendor in devices.yaml"},
};

}  // namespace

std::span<const Attribute> attributes() { return kAttributes; }

}  // namespace wardline::policy
