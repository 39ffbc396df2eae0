#include "tests/unit/dataplane/glance/agreement.h"

#include <tuple>

#include "dataplane/glance/plain.h"
#include "dataplane/glance/plain_view.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::glance::test {
namespace {

constexpr flow::HashSeed kSeed{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}};
constexpr std::uint16_t kDhcp = 67, kDhcp6 = 547;

// Every VID is a segment of its own, on both legs.
std::array<SegmentId, 4096> segments() {
  std::array<SegmentId, 4096> all;
  for (std::size_t vid = 0; vid < all.size(); ++vid) all[vid] = static_cast<SegmentId>(vid + 1);
  return all;
}

// What plain.h promises, in the parser's words.
bool should_be_plain(std::span<const std::byte> frame, const packet::PacketView& view) {
  using packet::L4;
  const std::size_t offset = view.tag_count == 0 ? 14 : 18;
  const bool tag_is_ours = view.tag_count == 0 || (frame[12] == std::byte{0x81} && frame[13] == std::byte{0x00});
  if (view.shape != packet::Shape::kIp || view.odd || view.fragment || view.tag_count > 1 || !tag_is_ours) return false;
  if (view.network_offset != offset) return false;  // LLC
  if (view.target_mac.group() || view.source.unspecified() || view.target.multicast()) return false;
  if (view.target.limited_broadcast() || (view.l4 != L4::kTcp && view.l4 != L4::kUdp)) return false;
  const std::size_t left = frame.size() - offset;
  if (!view.v6 && (left < 34 || frame[offset] != std::byte{0x45})) return false;  // options, or a very short frame
  if (view.v6 && (left < 54 || frame[offset + 6] != std::byte{view.proto})) return false;
  const auto port = view.v6 ? kDhcp6 : kDhcp;
  if (view.l4 == L4::kUdp) return view.source_port != port && view.target_port != port;
  return (view.tcp_flags & packet::kRst) == 0 && (view.tcp_flags & (packet::kSyn | packet::kAck)) != 0;
}

bool should_be_edge(const packet::PacketView& view) {
  return view.l4 == packet::L4::kTcp && (view.tcp_flags & (packet::kSyn | packet::kFin)) != 0;
}

// All that the parser tells of a frame that is plain, and that what it tells of others is as in a fresh view.
bool same_view(const packet::PacketView& a, const packet::PacketView& b) {
  const auto told = [](const packet::PacketView& view) {
    return std::tie(view.shape, view.l4, view.v6, view.fragment, view.first_fragment, view.odd, view.tcp_options_broken,
                    view.checksum_bad, view.source_mac, view.target_mac, view.vlans, view.tag_count, view.ethertype,
                    view.network_offset, view.source, view.target, view.arp_sender_mac, view.proto, view.hop_limit,
                    view.source_port, view.target_port, view.icmp_type, view.icmp_code, view.quoted.valid,
                    view.tcp_flags, view.tcp_window, view.tcp_urgent, view.sequence, view.acknowledgement);
  };
  return told(a) == told(b) && a.payload.size() == b.payload.size() &&
         (a.payload.empty() || a.payload.data() == b.payload.data());
}

bool view_agrees(const packet::PacketView& parsed, std::span<const std::byte> frame, Side side) {
  const Frame plain{.bytes = frame, .wire_length = static_cast<std::uint32_t>(frame.size()), .side = side};
  packet::PacketView view;
  view.odd = view.fragment = view.tcp_options_broken = view.checksum_bad = true;  // of the frame before
  view.tag_count = 2;
  view.vlans = {1, 2};
  view.icmp_type = view.icmp_code = view.tcp_flags = 9;
  (parsed.v6 ? view_plain6 : view_plain4)(plain, view);
  return same_view(parsed, view);
}

std::optional<std::string> check(const Burst& burst, std::size_t i, std::span<const std::byte> frame, Side side) {
  const auto view = packet::parse(frame);
  const bool plain4 = (burst.plain4 >> i & 1) != 0, plain6 = (burst.plain6 >> i & 1) != 0;
  const bool should = should_be_plain(frame, view);
  if ((plain4 || plain6) != should) return should ? "a plain frame was not seen as one" : "a frame is no plain one";
  const bool edge = (burst.edges >> i & 1) != 0;
  if (edge != (should && should_be_edge(view))) return edge ? "a frame is no edge" : "an edge was not seen as one";
  if (!should) return std::nullopt;
  if (!view_agrees(view, frame, side)) return "the view of a plain frame is not the parser's";
  if (has_payload(frame.data()) == view.payload.empty()) return "whether a plain frame carries payload";
  if (plain6 != view.v6) return "of the other family";
  const SegmentId segment = static_cast<SegmentId>(view.vlans[0] + 1);
  if (view.v6) {
    const auto key =
        flow::orient6(segment, view.source, view.source_port, view.target, view.target_port, view.proto, side).key;
    if (!(burst.keys6[i] == key) || burst.hashes[i] != flow::hash(key, kSeed)) return "an IPv6 key differs";
    return std::nullopt;
  }
  const auto key =
      flow::orient4(segment, view.source, view.source_port, view.target, view.target_port, view.proto, side).key;
  if (!(burst.keys4[i] == key) || burst.hashes[i] != flow::hash(key, kSeed)) return "an IPv4 key differs";
  return std::nullopt;
}

}  // namespace

std::vector<Instructions> ways() {
  std::vector<Instructions> all;
  for (const auto each : {Instructions::kPlain, Instructions::kAvx2, Instructions::kAvx512})
    if (each <= choose_instructions()) all.push_back(each);
  return all;
}

std::optional<std::string> disagreement(std::span<const std::vector<std::byte>> frames, Side side) {
  static const auto all = segments();
  const Look how{{all.data(), all.data()}, kSeed};
  for (std::size_t first = 0; first < frames.size(); first += Batch::kMaxFrames) {
    const auto part = frames.subspan(first, std::min(frames.size() - first, Batch::kMaxFrames));
    std::vector<Frame> batch;
    for (const auto& bytes : part)
      batch.push_back({.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = side});
    for (const auto way : ways()) {
      Burst burst;
      look_with(way)(batch, how, burst);
      for (std::size_t i = 0; i < batch.size(); ++i)
        if (const auto differs = check(burst, i, batch[i].bytes, side))
          return *differs + " (frame " + std::to_string(first + i) + ", " +
                 std::string(kInstructionNames[static_cast<std::size_t>(way)]) + ")";
    }
  }
  return std::nullopt;
}

}  // namespace wardline::glance::test
