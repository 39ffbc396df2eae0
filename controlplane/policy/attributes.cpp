#include "controlplane/policy/attributes.h"

#include <array>

namespace wardline::policy {
namespace {

constexpr auto kClaims = EvidenceGroup::kClaims;
constexpr std::array kAttributes{
    Attribute{"vendor", kClaims, "maker of the MAC's prefix as ieee-data names it, or as devices.yaml says"},
    Attribute{"dhcp.vendor_class", kClaims, "DHCP option 60"},
    Attribute{"dhcp.hostname", kClaims, "DHCP option 12"},
    Attribute{"dhcp.params", kClaims, "DHCP option 55 in its order, 1,3,6,15"},
    Attribute{"dhcp.client_id", kClaims, "DHCP option 61 in hex"},
    Attribute{"dhcp.remote_id", EvidenceGroup::kPlace, "DHCP option 82, suboption 2, set by the relay"},
    Attribute{"dhcp.circuit_id", EvidenceGroup::kPlace, "DHCP option 82, suboption 1: the access switch's port"},
    Attribute{"dicom.ae_title", kClaims, "its own title in a DICOM association"},
    Attribute{"dicom.implementation", kClaims, "implementation of an association, by UID or version name"},
    Attribute{"dicom.modality", kClaims, "kind of modality that an association's services show"},
    Attribute{"dicom.services", kClaims, "services that an association asks for"},
    Attribute{"hl7.sender", kClaims, "sending application, MSH-3"},
    Attribute{"hl7.device", kClaims, "kind of device that a message's observations show"},
    Attribute{"hl7.message", kClaims, "message type, ORU^R01"},
    Attribute{"hl7.version", kClaims, "version of HL7, MSH-12"},
    Attribute{"lldp.name", kClaims, "system name of its LLDP frames"},
    Attribute{"lldp.description", kClaims, "system description"},
    Attribute{"lldp.port", kClaims, "port description"},
    Attribute{"lldp.vendor", kClaims, "manufacturer, LLDP-MED"},
    Attribute{"lldp.model", kClaims, "model, LLDP-MED"},
    Attribute{"lldp.serial", kClaims, "serial number, LLDP-MED"},
    Attribute{"lldp.firmware", kClaims, "firmware, LLDP-MED"},
    Attribute{"lldp.software", kClaims, "software, LLDP-MED"},
    Attribute{"tcp.syn", kClaims, "how its stack opens a connection, in the fields of p0f's signatures"},
    Attribute{"tls.sni", kClaims, "server name that it asks for in TLS or QUIC"},
    Attribute{"tls.ja3", kClaims, "JA3 of its ClientHello"},
    Attribute{"tls.ja4", kClaims, "JA4 of its ClientHello"},
    Attribute{"http.user_agent", kClaims, "User-Agent of its requests"},
    Attribute{"http.server", kClaims, "Server of its answers"},
    Attribute{"os", kClaims, "operating system, from a device signature"},
    Attribute{"maker", kClaims, "maker of the product, from a device signature"},
    Attribute{"product", kClaims, "product or model, from a device signature"},
    Attribute{"kind", kClaims, "kind of device, from a device signature"},
    Attribute{"firmware", kClaims, "firmware, from a device signature"},
    Attribute{"software", kClaims, "program that answers or asks, from a device signature"},
    Attribute{"serial", kClaims, "serial number, from a device signature"},
    Attribute{"segment", EvidenceGroup::kPlace, "segment in which it is seen"},
    Attribute{"expects", EvidenceGroup::kPlace, "a class that this segment expects"},
    Attribute{"listed", EvidenceGroup::kRegister, "'yes' when devices.yaml has it"},
    Attribute{"model", EvidenceGroup::kRegister, "model in devices.yaml"},
};

}  // namespace

std::span<const Attribute> attributes() {
  return kAttributes;
}

}  // namespace wardline::policy
