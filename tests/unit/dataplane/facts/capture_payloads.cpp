#include "tests/unit/dataplane/facts/capture_payloads.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "dataplane/packet/packet_view.h"

namespace wardline::facts {
namespace {

constexpr std::size_t kMaxDatagrams = 4, kMaxStream = 2048;

std::string endpoint(const Address& address, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4())
    inet_ntop(AF_INET, &address.bytes[12], text.data(), text.size());
  else
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(port);
}

// The first bytes that come for a place stay; what lies ahead of a hole waits until the hole is filled.
void take_segment(SentBytes& sent, const packet::PacketView& view) {
  const std::uint32_t syn = (view.tcp_flags & packet::kSyn) != 0 ? 1 : 0;
  if (!sent.first_sequence) sent.first_sequence = view.sequence + syn;
  const auto offset = view.sequence + syn - *sent.first_sequence;
  if (view.payload.empty() || offset >= kMaxStream) return;
  sent.segments.emplace(offset, Octets(view.payload.begin(), view.payload.end()));
  for (const auto& [at, bytes] : sent.segments) {
    if (at > sent.stream.size()) break;
    const auto known = std::min(sent.stream.size() - at, bytes.size());
    sent.stream.insert(sent.stream.end(), bytes.begin() + static_cast<std::ptrdiff_t>(known), bytes.end());
  }
  sent.stream.resize(std::min(sent.stream.size(), kMaxStream));
}

void take(std::map<std::string, SentBytes>& sides, const packet::PacketView& view) {
  const bool tcp = view.l4 == packet::L4::kTcp;
  if (view.shape != packet::Shape::kIp || (!tcp && view.l4 != packet::L4::kUdp)) return;
  auto key =
      (tcp ? "tcp " : "udp ") + endpoint(view.source, view.source_port) + " " + endpoint(view.target, view.target_port);
  if (tcp && (view.tcp_flags & packet::kSyn) != 0)
    while (sides.contains(key) && !sides[key].stream.empty()) key += " again";
  else
    while (sides.contains(key + " again")) key += " again";
  auto& sent = sides[key];
  sent.from_port = view.source_port;
  sent.to_port = view.target_port;
  if (tcp)
    take_segment(sent, view);
  else if (sent.datagrams.size() < kMaxDatagrams)
    sent.datagrams.emplace_back(view.payload.begin(), view.payload.end());
}

// Bytes before the IP header in captures that have no Ethernet.
std::optional<std::size_t> link_header(int link_type) {
  switch (link_type) {
    case DLT_NULL:
    case DLT_LOOP:
      return 4;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return 0;
    case DLT_LINUX_SLL:
      return 16;
    case DLT_LINUX_SLL2:
      return 20;
    default:
      return std::nullopt;
  }
}

// With an Ethernet header where there was another. Empty: a link type that is not read.
Octets ethernet_frame(int link_type, std::span<const std::byte> bytes) {
  if (link_type == DLT_EN10MB) return {bytes.begin(), bytes.end()};
  const auto skip = link_header(link_type);
  if (!skip || bytes.size() <= *skip) return {};
  const bool v6 = std::to_integer<int>(bytes[*skip]) >> 4 == 6;
  return Wire().zeros(12).u16(v6 ? 0x86dd : 0x0800).raw(bytes.subspan(*skip)).octets;
}

}  // namespace

std::map<std::string, SentBytes> payloads_of_capture(const std::string& path) {
  std::map<std::string, SentBytes> sides;
  std::array<char, PCAP_ERRBUF_SIZE> fault{};
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> capture(pcap_open_offline(path.c_str(), fault.data()),
                                                               &pcap_close);
  if (!capture) return sides;
  pcap_pkthdr* header = nullptr;
  const unsigned char* data = nullptr;
  while (pcap_next_ex(capture.get(), &header, &data) == 1) {
    const auto frame = ethernet_frame(pcap_datalink(capture.get()), std::as_bytes(std::span(data, header->caplen)));
    if (!frame.empty()) take(sides, packet::parse(frame));
  }
  return sides;
}

}  // namespace wardline::facts
