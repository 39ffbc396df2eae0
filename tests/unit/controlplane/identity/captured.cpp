#include "tests/unit/controlplane/identity/captured.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "controlplane/inventory/address_text.h"
#include "tests/unit/captures.h"

namespace wardline::identity::test {

std::optional<std::vector<FrameBytes>> frames_of(const std::string& name) {
  const auto path = (wardline::test::captures() / name).string();
  if (!std::filesystem::exists(path)) return std::nullopt;
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* capture = pcap_open_offline(path.c_str(), error);
  if (capture == nullptr || pcap_datalink(capture) != DLT_EN10MB) return std::nullopt;
  std::vector<FrameBytes> frames;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (pcap_next_ex(capture, &header, &bytes) == 1) {
    const auto* first = reinterpret_cast<const std::byte*>(bytes);
    frames.emplace_back(first, first + header->caplen);
  }
  pcap_close(capture);
  return frames;
}

FrameCopy copy_of(const FrameBytes& frame, Side side) {
  FrameCopy copy;
  copy.what = FrameCopy::What::kFrame;
  copy.side = side;
  copy.length = static_cast<std::uint16_t>(std::min(frame.size(), FrameCopy::kMaxBytes));
  std::memcpy(copy.bytes.data(), frame.data(), copy.length);
  if (copy.length >= 12) std::memcpy(copy.device_mac.bytes.data(), frame.data() + 6, 6);
  return copy;
}

FrameCopy first_bytes(const std::string& bytes) {
  FrameCopy copy;
  copy.what = FrameCopy::What::kFirstBytes;
  copy.side = Side::kDevice;
  copy.length = static_cast<std::uint16_t>(std::min(bytes.size(), FrameCopy::kMaxBytes));
  std::memcpy(copy.bytes.data(), bytes.data(), copy.length);
  return copy;
}

std::vector<FrameCopy> datagrams_of(const std::vector<FrameBytes>& frames, const Mac& sender, std::uint16_t port) {
  std::vector<FrameCopy> copies;
  for (const auto& frame : frames) {
    const auto view = packet::parse(frame);
    if (view.l4 != packet::L4::kUdp || view.source_mac != sender) continue;
    if (view.source_port != port && view.target_port != port) continue;
    copies.push_back(first_bytes({reinterpret_cast<const char*>(view.payload.data()), view.payload.size()}));
  }
  return copies;
}

FrameCopy first_bytes_of(const std::vector<FrameBytes>& frames, const std::string& sender, std::uint16_t port) {
  const auto address = inventory::parse_address(sender);
  std::map<std::uint32_t, std::string> segments;  // by distance from the SYN
  std::optional<std::uint32_t> start;
  std::uint16_t own_port = 0;
  for (const auto& frame : frames) {
    const auto view = packet::parse(frame);
    if (view.l4 != packet::L4::kTcp || view.source != address) continue;
    if (view.source_port != port && view.target_port != port) continue;
    if (!start) {
      start = view.sequence;
      own_port = view.source_port;
    }
    if (view.source_port != own_port || view.payload.empty()) continue;
    segments.emplace(view.sequence - *start,
                     std::string(reinterpret_cast<const char*>(view.payload.data()), view.payload.size()));
  }
  std::string bytes;
  for (const auto& [distance, segment] : segments) bytes += segment;
  return first_bytes(bytes);
}

std::vector<FrameCopy> datagrams_of(const std::vector<FrameBytes>& frames, const std::string& sender,
                                    std::uint16_t port) {
  const auto address = inventory::parse_address(sender);
  std::vector<FrameCopy> copies;
  for (const auto& frame : frames) {
    const auto view = packet::parse(frame);
    if (view.l4 != packet::L4::kUdp || view.source != address) continue;
    if (view.source_port != port && view.target_port != port) continue;
    copies.push_back(first_bytes({reinterpret_cast<const char*>(view.payload.data()), view.payload.size()}));
  }
  return copies;
}

}  // namespace wardline::identity::test
