#include <fmt/format.h>

#include <algorithm>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {
namespace {

constexpr std::uint16_t kBootpServer = 67, kBootpClient = 68;
constexpr std::uint16_t kDhcpv6Client = 546, kDhcpv6Server = 547;
constexpr std::uint16_t kLldp = 0x88cc, kLlc = 0;

bool is_dhcp(const packet::PacketView& view) {
  const auto bootp = [](std::uint16_t port) { return port == kBootpServer || port == kBootpClient; };
  // A relay sends from 67 to 67, a client from 68; a forged other port is nobody's DHCP.
  return view.l4 == packet::L4::kUdp && !view.v6 && !view.fragment && bootp(view.source_port) &&
         bootp(view.target_port);
}

// What goes to servers: from a client, or from a relay.
bool is_dhcpv6(const packet::PacketView& view) {
  return view.l4 == packet::L4::kUdp && view.v6 && !view.fragment && view.target_port == kDhcpv6Server &&
         (view.source_port == kDhcpv6Client || view.source_port == kDhcpv6Server);
}

void observe_frame(const FrameCopy& copy, Bytes frame, Observations& out) {
  const auto view = packet::parse(frame);
  if (view.shape == packet::Shape::kMalformed) return;
  if (is_dhcp(view)) {
    observe_dhcp(view.payload, copy.side, view.source_mac, out);
    return;
  }
  if (copy.side != Side::kDevice || view.source_mac != copy.device_mac) return;
  if (is_dhcpv6(view)) observe_dhcpv6(view.payload, {}, out);
  if (view.l4 == packet::L4::kTcp) observe_syn(frame, view, out);
  if (view.ethertype == kLldp) observe_lldp(view.payload, out);
  if (view.shape == packet::Shape::kLinkControl && view.ethertype == kLlc) observe_cdp(view.payload, out);
}

// Who reads the first bytes that a device sent, or a datagram of it, by the proved application.
struct Reader {
  std::string_view app;
  void (*observe)(Bytes, const Speech&, Observations&);
};
constexpr Reader kReaders[] = {
    {"bacnet", observe_bacnet},
    {"carescape", observe_carescape},
    {"dhcpv6", observe_dhcpv6},
    {"dicom", observe_dicom},
    {"dicom-tls", observe_tls_certificate},
    {"enip", observe_enip},
    {"ftp", observe_ftp},
    {"hl7-mllp", observe_hl7},
    {"http", observe_device_description},
    {"http", observe_http},
    {"http", observe_ws_metadata},
    {"imap", observe_imap},
    {"intellivue", observe_intellivue},
    {"ipp", observe_http},
    {"llmnr", observe_llmnr},
    {"mdns", observe_mdns},
    {"modbus", observe_modbus},
    {"mqtt", observe_mqtt},
    {"netbios-dgm", observe_netbios_datagram},
    {"netbios-ns", observe_netbios_name},
    {"netbios-ssn", observe_smb},
    {"onvif", observe_ws_discovery},
    {"poct1-a", observe_poct1a},
    {"pop3", observe_pop3},
    {"rdp", observe_rdp},
    {"rtsp", observe_rtsp},
    {"s7comm", observe_s7},
    {"sdc", observe_ws_discovery},
    {"sdc", observe_ws_metadata},
    {"sip", observe_sip},
    {"smb1", observe_smb},
    {"smb2", observe_smb},
    {"smtp", observe_smtp},
    {"snmp", observe_snmp},
    {"ssdp", observe_ssdp},
    {"ssh", observe_ssh},
    {"telnet", observe_telnet},
    {"tls", observe_tls_certificate},
    {"ws-discovery", observe_ws_discovery},
};

}  // namespace

std::string as_hex(Bytes bytes) {
  constexpr std::size_t kMaxBytes = 64;
  std::string hex;
  for (const auto byte : bytes.first(std::min(bytes.size(), kMaxBytes)))
    hex += fmt::format("{}{:02x}", hex.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  return hex;
}

void add_word(std::string& list, std::string_view word) {
  list.append(list.empty() ? "" : ",").append(word);
}

void tell(Observations& out, std::string_view source, std::string_view attribute, std::string_view raw) {
  auto value = inventory::clean_text(raw);
  if (value.empty()) return;
  out.push_back({.source = std::string(source), .attribute = std::string(attribute), .value = std::move(value)});
}

std::vector<Observation> observe(const FrameCopy& copy, std::string_view app_name) {
  Observations out;
  const Bytes bytes(copy.bytes.data(), std::min<std::size_t>(copy.length, copy.bytes.size()));
  if (copy.what == FrameCopy::What::kFrame) {
    observe_frame(copy, bytes, out);
  } else if (copy.side == Side::kDevice) {  // what the far end says is not the device's
    const Speech speech{.by_client = copy.device_is_client, .device_port = copy.device_port};
    for (const auto& reader : kReaders)
      if (reader.app == app_name) reader.observe(bytes, speech, out);
  }
  return out;
}

}  // namespace wardline::identity
