// Each observer of identity by itself; the first argument names it: `fuzz_observer bacnet CORPUS`. `fuzz_observer list`
// prints the names: those of the files controlplane/identity/NAME_observer.cpp. An input is a payload of a capture as
// it stands, or a frame for `syn`, and what both sides may have said.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "controlplane/identity/neighbour.h"
#include "controlplane/identity/observers.h"
#include "controlplane/inventory/device.h"

namespace {

using namespace wardline;
using namespace wardline::identity;

template <auto... kObserve>
void both_sides(Bytes bytes, Observations& out) {
  for (const bool by_client : {true, false}) (kObserve(bytes, Speech{.by_client = by_client}, out), ...);
}

void add(std::vector<Observation> told, Observations& out) {
  std::ranges::move(told, std::back_inserter(out));
}

FrameCopy copy_of(Bytes bytes, FrameCopy::What what) {
  FrameCopy copy;
  copy.what = what;
  copy.length = static_cast<std::uint16_t>(std::min(bytes.size(), copy.bytes.size()));
  std::copy_n(bytes.begin(), copy.length, copy.bytes.begin());
  return copy;
}

void observe_facts(Bytes bytes, Observations& out) {
  auto copy = copy_of(bytes, FrameCopy::What::kFirstBytes);
  for (const auto reader : {facts::Reader::kHttp, facts::Reader::kQuic, facts::Reader::kTls})
    for (const bool by_client : {true, false}) {
      copy.device_is_client = by_client;
      add(observations_of_facts(copy, reader), out);
    }
}

// Also by the way that every frame takes, where another observer may take it.
void observe_opening(Bytes bytes, Observations& out) {
  observe_syn(bytes, packet::parse(bytes), out);
  auto copy = copy_of(bytes, FrameCopy::What::kFrame);
  copy.device_mac = packet::parse(std::span(copy.bytes).first(copy.length)).source_mac;
  add(observe(copy, ""), out);
}

void observe_signatures(Bytes bytes, Observations& out) {
  static const policy::Policy kPolicy = [] {
    policy::Policy made;
    Errors errors;
    made.signatures = policy::load_signatures("tests/fuzz/signatures", "tests/fuzz/signatures/", "", 1, errors);
    if (!errors.empty()) fmt::print(stderr, "{}\n", errors.front().text());
    if (!errors.empty()) std::abort();
    return made;
  }();
  auto copy = copy_of(bytes, FrameCopy::What::kFirstBytes);
  copy.app = kPolicy.signatures.app("greeting").value();
  add(observations_of_signatures(copy, kPolicy), out);
}

// A value of the wire, and what fingerprints and the inventory's columns make of it.
void observe_fingerprints(Bytes bytes, Observations& out) {
  static const policy::Policy kPolicy = [] {
    policy::DeviceFingerprint camera{.id = "camera", .title = "", .source = "", .when = {}, .sets = {}, .at = {}};
    camera.when.push_back({"dhcp.hostname", std::make_shared<re2::RE2>("(?i)^(DCS-[0-9]+[A-Z]*)(.*)")});
    camera.sets = {{"maker", "D-Link"}, {"product", "\\1"}, {"firmware", "\\2"}};
    policy::Policy made;
    made.fingerprints = policy::DeviceFingerprints({camera});
    return made;
  }();
  inventory::Device device;
  learn(device, {.source = "dhcp", .attribute = "dhcp.hostname", .value = std::string(as_text(bytes))}, &kPolicy, {});
  for (const auto& evidence : device.evidence)
    out.push_back({.source = evidence.source, .attribute = evidence.attribute, .value = evidence.value});
}

// An LLDP data unit of a device, and as the frame of a neighbour.
void observe_lldp_unit(Bytes bytes, Observations& out) {
  observe_lldp(bytes, out);
  static constexpr std::array<std::uint8_t, 14> kHead{0x01, 0x80, 0xc2, 0, 0, 0x0e, 0x02, 0, 0, 0, 0, 1, 0x88, 0xcc};
  std::vector<std::byte> frame(kHead.size() + bytes.size());
  std::ranges::copy(std::as_bytes(std::span(kHead)), frame.begin());
  std::ranges::copy(bytes, frame.begin() + kHead.size());
  if (const auto told = neighbour_of(copy_of(frame, FrameCopy::What::kFrame)))
    for (const auto* text : {&told->id, &told->name, &told->port, &told->vlan})
      if (text->size() > kMaxPlaceText) std::abort();
}

struct Target {
  std::string_view name;
  void (*observe)(Bytes, Observations&);
};
constexpr Target kTargets[] = {
    {"bacnet", both_sides<observe_bacnet>},
    {"banner", both_sides<observe_ssh, observe_ftp, observe_smtp, observe_pop3, observe_imap, observe_telnet>},
    {"carescape", both_sides<observe_carescape>},
    {"cdp", [](Bytes bytes, Observations& out) { observe_cdp(bytes, out); }},
    {"dhcp",
     [](Bytes bytes, Observations& out) {
       for (const auto side : {Side::kDevice, Side::kCore}) observe_dhcp(bytes, side, Mac{}, out);
     }},
    {"dhcpv6", both_sides<observe_dhcpv6>},
    {"dicom", both_sides<observe_dicom>},
    {"enip", both_sides<observe_enip>},
    {"fact", observe_facts},
    {"fingerprint", observe_fingerprints},
    {"hl7", both_sides<observe_hl7>},
    {"http", both_sides<observe_http>},
    {"intellivue", both_sides<observe_intellivue>},
    {"lldp", observe_lldp_unit},
    {"llmnr", both_sides<observe_llmnr>},
    {"mdns", both_sides<observe_mdns>},
    {"modbus", both_sides<observe_modbus>},
    {"mqtt", both_sides<observe_mqtt>},
    {"netbios", both_sides<observe_netbios_name, observe_netbios_datagram>},
    {"poct1a", both_sides<observe_poct1a>},
    {"rdp", both_sides<observe_rdp>},
    {"rtsp", both_sides<observe_rtsp>},
    {"s7", both_sides<observe_s7>},
    {"signature", observe_signatures},
    {"sip", both_sides<observe_sip>},
    {"smb", both_sides<observe_smb>},
    {"snmp", both_sides<observe_snmp>},
    {"ssdp", both_sides<observe_ssdp>},
    {"syn", observe_opening},
    {"tls_certificate", both_sides<observe_tls_certificate>},
    {"upnp", both_sides<observe_device_description>},
    {"ws_discovery", both_sides<observe_ws_discovery>},
    {"ws_metadata", both_sides<observe_ws_metadata>},
};
const Target* target = nullptr;

}  // namespace

// Takes the name out of the arguments: libFuzzer would hold it for a folder.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  const std::string_view name = *count > 1 ? (*arguments)[1] : "";
  if (name == "list") {
    for (const auto& each : kTargets) fmt::print("{}\n", each.name);
    std::exit(0);
  }
  const auto* const found = std::ranges::find(kTargets, name, &Target::name);
  if (found == std::end(kTargets)) {
    fmt::print(stderr, "expected an observer or `list` as the first argument, found '{}'\n", name);
    std::exit(2);
  }
  target = found;
  std::swap((*arguments)[0], (*arguments)[1]);
  ++*arguments;
  --*count;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  Observations out;
  target->observe(exact, out);
  // Without text it binds an address, and says nothing.
  for (const auto& observation : out)
    if (observation.value.empty() != observation.attribute.empty() || observation.value.size() > 256 ||
        (observation.place &&
         std::max(observation.place->switch_name.size(), observation.place->port.size()) > kMaxPlaceText))
      std::abort();
  return 0;
}
