#include "tests/unit/dataplane/classify/capture_flows.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "dataplane/flow/stream_state.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::classify {
namespace {

constexpr int kDatagramsScanned = 16;  // of each flow

std::string endpoint_text(const Address& address, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4())
    inet_ntop(AF_INET, &address.bytes[12], text.data(), text.size());
  else
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(port);
}

// The frame with an Ethernet header made for link types that have none. Empty: a link type that is not read.
std::vector<std::byte> ethernet_frame(int link_type, std::span<const std::byte> bytes) {
  std::size_t skip = 0;
  switch (link_type) {
    case DLT_EN10MB:
      return {bytes.begin(), bytes.end()};
    case DLT_NULL:
    case DLT_LOOP:
      skip = 4;
      break;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      break;
    case DLT_LINUX_SLL:
      skip = 16;
      break;
    case DLT_LINUX_SLL2:
      skip = 20;
      break;
    default:
      return {};
  }
  if (bytes.size() <= skip) return {};
  std::vector<std::byte> frame(12, std::byte{2});
  const bool v6 = std::to_integer<int>(bytes[skip]) >> 4 == 6;
  frame.push_back(v6 ? std::byte{0x86} : std::byte{0x08});
  frame.push_back(v6 ? std::byte{0xdd} : std::byte{0x00});
  frame.insert(frame.end(), bytes.begin() + static_cast<std::ptrdiff_t>(skip), bytes.end());
  return frame;
}

struct Flow {
  FoundFlow found;
  std::string client;
  std::uint16_t server_port = 0;
  int datagrams = 0;
  std::map<bool, flow::FirstBytes> first_bytes;  // by "sent by the client"
};

class Walk {
 public:
  explicit Walk(const policy::SignatureSet& signatures) : signatures_(signatures) {}

  void take(const packet::PacketView& view) {
    const bool tcp = view.l4 == packet::L4::kTcp;
    if (view.shape != packet::Shape::kIp || (!tcp && view.l4 != packet::L4::kUdp)) return;
    const auto from = endpoint_text(view.source, view.source_port), to = endpoint_text(view.target, view.target_port);
    auto key = flow_key_text(tcp ? "tcp" : "udp", from, to);
    auto known = flows_.find(key);
    const bool opening = tcp && (view.tcp_flags & packet::kSyn) != 0 && (view.tcp_flags & packet::kAck) == 0;
    if (known == flows_.end() || (opening && known->second.found.app.empty())) {
      known = flows_.insert_or_assign(std::move(key), Flow{}).first;
      open(known->second, view, tcp, from, to);
    }
    auto& flow = known->second;
    if (tcp)
      take_segment(flow, view, from == flow.client);
    else if (flow.datagrams++ < kDatagramsScanned)
      scan(flow, Transport::kUdp, from == flow.client, view.payload);
  }

  std::map<std::string, FoundFlow> result() const {
    std::map<std::string, FoundFlow> found;
    for (const auto& [key, flow] : flows_) found[key] = flow.found;
    return found;
  }

 private:
  // Who opened: the SYN tells; else the lower port is the server's.
  static void open(Flow& flow, const packet::PacketView& view, bool tcp, const std::string& from,
                   const std::string& to) {
    const bool syn = tcp && (view.tcp_flags & packet::kSyn) != 0;
    const bool answer = syn ? (view.tcp_flags & packet::kAck) != 0 : tcp && view.source_port < view.target_port;
    flow.client = answer ? to : from;
    flow.server_port = answer ? view.source_port : view.target_port;
  }

  void take_segment(Flow& flow, const packet::PacketView& view, bool from_client) {
    auto& bytes = flow.first_bytes[from_client];
    const bool syn = (view.tcp_flags & packet::kSyn) != 0;
    if (!bytes.started() && (syn || !view.payload.empty())) bytes.start(view.sequence + (syn ? 1 : 0));
    if (view.payload.empty() || bytes.full()) return;
    const auto fit = bytes.offer(view.sequence + (syn ? 1 : 0), view.payload);
    if (fit == flow::FirstBytes::Fit::kInOrder) scan(flow, Transport::kTcp, from_client, bytes.prefix());
    bytes.commit();
  }

  void scan(Flow& flow, Transport transport, bool from_client, std::span<const std::byte> bytes) {
    const auto hits = signatures_.databases->scan({.transport = transport,
                                                   .sender = from_client ? Sender::kClient : Sender::kServer,
                                                   .server_port = flow.server_port,
                                                   .bytes = bytes},
                                                  0);
    if (hits.outcome == ScanOutcome::kFailed) ++flow.found.failed_scans;
    for (std::size_t i = 0; i < hits.threat_count; ++i)
      flow.found.threats.insert(signatures_.texts[hits.threats[i]].id);
    if (hits.app == kNoApp || hits.confidence <= flow.found.confidence) return;
    flow.found.app = signatures_.app_names[hits.app];
    flow.found.signature = signatures_.texts[hits.app_signature].id;
    flow.found.confidence = hits.confidence;
  }

  const policy::SignatureSet& signatures_;
  std::map<std::string, Flow> flows_;
};

}  // namespace

std::string flow_key_text(const std::string& proto, const std::string& one, const std::string& other) {
  return proto + " " + std::min(one, other) + " " + std::max(one, other);
}

std::map<std::string, FoundFlow> flows_of_capture(const std::string& path, const policy::SignatureSet& signatures) {
  Walk walk(signatures);
  std::array<char, PCAP_ERRBUF_SIZE> fault{};
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> capture(pcap_open_offline(path.c_str(), fault.data()),
                                                               &pcap_close);
  if (!capture) return {};
  const int link_type = pcap_datalink(capture.get());
  pcap_pkthdr* header = nullptr;
  const unsigned char* data = nullptr;
  while (pcap_next_ex(capture.get(), &header, &data) == 1) {
    const auto frame = ethernet_frame(link_type, std::as_bytes(std::span(data, header->caplen)));
    if (!frame.empty()) walk.take(packet::parse(frame));
  }
  return walk.result();
}

}  // namespace wardline::classify
