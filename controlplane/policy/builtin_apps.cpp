#include "controlplane/policy/builtin_apps.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wardline::policy {
namespace {

struct BuiltinApp {
  std::string_view name, protos;
  std::uint8_t number = 0;  // of the IP protocol that it is by itself (IANA protocol numbers); 0: it has a payload
};

constexpr std::array<BuiltinApp, 12> kBuiltinApps{{
    {"unknown", ""},
    {"icmp", "icmp icmpv6"},
    {"ftp-data", "tcp"},  // by expectation, from PORT, PASV, EPRT and EPSV (RFC 959, 2428)
    {"rtp", "udp"},       // by expectation, from SIP, RTSP and H.323; signatures may know it, too
    {"rtcp", "udp"},
    {"onc-rpc", "tcp udp"},  // by expectation, from the answers of a port mapper (RFC 1833)
    {"igmp", "igmp", 2},
    {"gre", "gre", 47},
    {"esp", "esp", 50},
    {"ah", "ah", 51},
    {"ospf", "ospf", 89},
    {"vrrp", "vrrp", 112},
}};

using Known = enforce::KnownApps;
constexpr std::array<std::pair<std::string_view, AppId Known::*>, 20> kKnownApps{{
    {"icmp", &Known::icmp},         {"dhcp", &Known::dhcp},       {"dns", &Known::dns},       {"ftp", &Known::ftp},
    {"ftp-data", &Known::ftp_data}, {"tftp", &Known::tftp},       {"modbus", &Known::modbus}, {"dicom", &Known::dicom},
    {"hl7-mllp", &Known::hl7},      {"http", &Known::http},       {"tls", &Known::tls},       {"mdns", &Known::mdns},
    {"ssdp", &Known::ssdp},         {"sip", &Known::sip},         {"rtsp", &Known::rtsp},     {"rtp", &Known::rtp},
    {"rtcp", &Known::rtcp},         {"portmap", &Known::portmap}, {"onc-rpc", &Known::rpc},   {"h323", &Known::h323},
}};

// Identity reads titles, makers, names and serial numbers from these first bytes. Those of HTTP and TLS are many: they
// are copied where a class or a fingerprint asks for them.
constexpr std::array<std::string_view, 32> kCopied{
    "bacnet", "carescape", "intellivue", "dhcpv6", "dicom", "enip",        "ftp",        "hl7-mllp",
    "imap",   "llmnr",     "mdns",       "modbus", "mqtt",  "netbios-dgm", "netbios-ns", "netbios-ssn",
    "onvif",  "poct1-a",   "pop3",       "rdp",    "rtsp",  "s7comm",      "sdc",        "sip",
    "smb1",   "smb2",      "smtp",       "snmp",   "ssdp",  "ssh",         "telnet",     "ws-discovery"};

// In these a device tells of itself again and again, a piece with each datagram.
constexpr std::array<std::string_view, 15> kCopiedEach{
    "carescape", "intellivue", "mdns",   "ssdp", "ws-discovery",     "onvif", "netbios-ns",        "netbios-dgm",
    "llmnr",     "snmp",       "bacnet", "enip", "tplink-smarthome", "tuya",  "ubiquiti-discovery"};

// The server greets before the client speaks, so undecided bytes are counted both ways.
constexpr std::array<std::string_view, 9> kServerFirst{"ssh",  "ftp",  "smtp",  "vnc",     "telnet",
                                                       "pop3", "imap", "mysql", "ftp-data"};

// Who reads the payload of an application, so that rules may ask for its facts. Protocols inside HTTP and TLS are told
// apart by signatures and read as what they are.
constexpr std::array<std::pair<std::string_view, facts::Reader>, 31> kReaders{{
    {"dicom", facts::Reader::kDicom},      {"hl7-mllp", facts::Reader::kHl7},    {"http", facts::Reader::kHttp},
    {"fhir", facts::Reader::kHttp},        {"ipp", facts::Reader::kHttp},        {"onvif", facts::Reader::kHttp},
    {"tr069", facts::Reader::kHttp},       {"upnp", facts::Reader::kHttp},       {"websocket", facts::Reader::kHttp},
    {"tls", facts::Reader::kTls},          {"dtls", facts::Reader::kTls},        {"dicom-tls", facts::Reader::kTls},
    {"dot", facts::Reader::kTls},          {"doh", facts::Reader::kTls},         {"quic", facts::Reader::kQuic},
    {"dns", facts::Reader::kDns},          {"mdns", facts::Reader::kDns},        {"llmnr", facts::Reader::kDns},
    {"smb1", facts::Reader::kSmb1},        {"smb2", facts::Reader::kSmb2},       {"smb3", facts::Reader::kSmb2},
    {"modbus", facts::Reader::kModbus},    {"bacnet", facts::Reader::kBacnet},   {"enip", facts::Reader::kEnip},
    {"ethernet-ip", facts::Reader::kEnip}, {"snmp", facts::Reader::kSnmp},       {"mqtt", facts::Reader::kMqtt},
    {"sip", facts::Reader::kSip},          {"google-cast", facts::Reader::kTls}, {"anydesk", facts::Reader::kTls},
    {"tor", facts::Reader::kTls},
}};

}  // namespace

void add_builtin_apps(SignatureSet& set) {
  for (const auto& app : kBuiltinApps) {
    set.app_names.emplace_back(app.name);
    set.app_protos.emplace_back(app.protos);
  }
}

void describe_known_apps(SignatureSet& set) {
  set.app_traits.assign(set.app_names.size(), {});
  for (const auto& [name, reader] : kReaders)
    if (const auto app = set.app(name)) set.app_traits[*app].reader = reader;
  set.apps_by_proto = {};
  for (const auto& app : kBuiltinApps)
    if (app.number != 0) set.apps_by_proto[app.number] = set.app(app.name).value_or(kNoApp);
  for (const auto& [name, member] : kKnownApps) set.known.*member = set.app(name).value_or(kNoApp);
  for (std::size_t app = 0; app < set.app_names.size(); ++app) {
    const auto in = [&](const auto& names) { return std::ranges::find(names, set.app_names[app]) != names.end(); };
    set.app_traits[app].copy_each = in(kCopiedEach);
    set.app_traits[app].copy_first_bytes = in(kCopied) || in(kCopiedEach);
    set.app_traits[app].server_first = in(kServerFirst);
  }
}

}  // namespace wardline::policy
