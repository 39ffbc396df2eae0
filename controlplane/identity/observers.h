#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/identity/identity.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::identity {

using Bytes = std::span<const std::byte>;
using Observations = std::vector<Observation>;

// How the bytes came to be said.
struct Speech {
  bool by_client = false;  // by who opened the flow
  std::uint16_t device_port = 0;
};

// One function a protocol, each in its own file. Bytes are hostile and may end anywhere; what is cut off is not told.
// `payload` is what follows the UDP or Ethernet header, or the in-order first bytes that one side of a TCP flow sent.

// DHCPv4 (RFC 2131). Requests count from the device side only, bindings from the core side only.
void observe_dhcp(Bytes payload, Side side, const Mac& frame_source, Observations& out);
// LLDP (IEEE 802.1AB) from the device's own port.
void observe_lldp(Bytes payload, Observations& out);
// The opening of a TCP connection over IPv4 as text: version, initial hops, length of IP options, MSS, window and its
// scale, order of options, quirks and payload, in the fields and words that p0f's signatures use. And how many routers
// it has passed, where there are any.
void observe_syn(Bytes frame, const packet::PacketView& view, Observations& out);
// DICOM upper layer (PS3.8, 9.3): who asked for an association, or who accepted one; the maker of what is stored.
void observe_dicom(Bytes payload, const Speech& speech, Observations& out);
// HL7 version 2 over MLLP: the sender, and the device that it names.
void observe_hl7(Bytes payload, const Speech& speech, Observations& out);
// DHCPv6 (RFC 8415): what a client asked for, itself or through one relay.
void observe_dhcpv6(Bytes payload, const Speech& speech, Observations& out);
// CDP from the device's own port; `payload` begins with the LLC header.
void observe_cdp(Bytes payload, Observations& out);
// Multicast DNS with service discovery (RFC 6762, RFC 6763): the records that the sender claims as its own.
void observe_mdns(Bytes payload, const Speech& speech, Observations& out);
// LLMNR (RFC 4795): answers for the sender's own name.
void observe_llmnr(Bytes payload, const Speech& speech, Observations& out);
// NetBIOS over UDP (RFC 1002): names of the name service, and browser announcements of the datagram service.
void observe_netbios_name(Bytes payload, const Speech& speech, Observations& out);
void observe_netbios_datagram(Bytes payload, const Speech& speech, Observations& out);
// SSDP (UPnP Device Architecture 2.0, 1): announcements, searches and answers.
void observe_ssdp(Bytes payload, const Speech& speech, Observations& out);
// A UPnP device description (UPnP Device Architecture 2.0, 2.3) in an answer of HTTP.
void observe_device_description(Bytes http_answer, const Speech& speech, Observations& out);
// WS-Discovery 1.1: Hello, ProbeMatches and ResolveMatches.
void observe_ws_discovery(Bytes payload, const Speech& speech, Observations& out);
// The metadata of a DPWS device (DPWS 1.1, 5) in an answer of HTTP.
void observe_ws_metadata(Bytes http_answer, const Speech& speech, Observations& out);
// SNMPv1 and v2c (RFC 1157, RFC 3416): an agent's answer about its system group.
void observe_snmp(Bytes payload, const Speech& speech, Observations& out);

// Greetings of servers, and what a client calls itself (banner_observer.cpp).
void observe_ssh(Bytes payload, const Speech& speech, Observations& out);
void observe_ftp(Bytes payload, const Speech& speech, Observations& out);
void observe_smtp(Bytes payload, const Speech& speech, Observations& out);
void observe_pop3(Bytes payload, const Speech& speech, Observations& out);
void observe_imap(Bytes payload, const Speech& speech, Observations& out);
void observe_telnet(Bytes payload, const Speech& speech, Observations& out);
// HTTP/1: title and realm of an answer.
void observe_http(Bytes payload, const Speech& speech, Observations& out);
// A server's certificate up to TLS 1.2.
void observe_tls_certificate(Bytes payload, const Speech& speech, Observations& out);
// SMB 1 to 3: dialect, system and name of the machine.
void observe_smb(Bytes payload, const Speech& speech, Observations& out);
// RDP before TLS: name and build of the client.
void observe_rdp(Bytes payload, const Speech& speech, Observations& out);
void observe_sip(Bytes payload, const Speech& speech, Observations& out);
void observe_rtsp(Bytes payload, const Speech& speech, Observations& out);
void observe_mqtt(Bytes payload, const Speech& speech, Observations& out);
// Building and plant: what a device answers when it is asked what it is.
void observe_bacnet(Bytes payload, const Speech& speech, Observations& out);
void observe_modbus(Bytes payload, const Speech& speech, Observations& out);
void observe_enip(Bytes payload, const Speech& speech, Observations& out);
void observe_s7(Bytes payload, const Speech& speech, Observations& out);
// Philips IntelliVue: the connect indication of a monitor.
void observe_intellivue(Bytes payload, const Speech& speech, Observations& out);
// CARESCAPE (Unity) network: the discovery message that every node broadcasts, the time message of the central station.
void observe_carescape(Bytes payload, const Speech& speech, Observations& out);
// POCT1-A: the hello of a point-of-care device.
void observe_poct1a(Bytes payload, const Speech& speech, Observations& out);

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "0a:1b", of the first 64 bytes at most.
std::string as_hex(Bytes bytes);
// Adds a word to a list that commas part.
void add_word(std::string& list, std::string_view word);

// Adds a cleaned value; nothing when nothing is left of it.
void tell(Observations& out, std::string_view source, std::string_view attribute, std::string_view raw);

}  // namespace wardline::identity
