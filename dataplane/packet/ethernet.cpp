#include "dataplane/packet/cursor.h"
#include "dataplane/packet/ip.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {
namespace {

constexpr std::uint16_t kTypeIpv4 = 0x0800, kTypeArp = 0x0806, kTypeIpv6 = 0x86dd, kTypeEapol = 0x888e,
                        kTypeLldp = 0x88cc;
constexpr std::uint16_t kMaxLlcLength = 1500, kMinEthertype = 0x0600;  // IEEE 802.3, 3.2.6

constexpr bool is_tag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

// Group addresses that bridges keep to one link: 01:80:C2:00:00:00 to 0F (IEEE 802.1Q, 8.6.3), and Cisco's for
// CDP/VTP/DTP/UDLD (CC) and PVST+ (CD).
bool is_link_local_group(const Mac& mac) {
  const std::uint64_t number = mac.number();
  return (number & ~std::uint64_t{0xf}) == 0x0180c2000000 || number == 0x01000ccccccc || number == 0x01000ccccccd;
}

// The type field after up to two tags. A third tag stays unread: its TPID is the ethertype.
std::uint16_t skip_tags(Cursor& in, std::uint16_t type, PacketView& view) {
  while (is_tag(type) && view.tag_count < view.vlans.size()) {
    const auto tag = in.take<4>();
    view.vlans[view.tag_count++] = tag.u16<0>() & 0x0fff;
    type = tag.u16<2>();
  }
  return type;
}

// IEEE 802.3 length instead of a type: LLC follows. SNAP with an encapsulated ethertype (RFC 1042, and 802.1H's OUI
// 00-00-F8) gives that type, everything else 0.
std::uint16_t read_llc(Cursor& in, std::uint16_t length) {
  in.limit(length);
  Cursor look = in;
  const auto snap = look.take<8>();
  if (!look.failed() && snap.u16<0>() == 0xaaaa && snap.u8<2>() == 0x03) {
    const std::uint32_t oui = snap.u32<2>() & 0x00ffffff;
    if (oui == 0x000000 || oui == 0x0000f8) {
      in = look;
      return snap.u16<6>();
    }
  }
  if (in.left() < 3) in.skip(3);  // no LLC header: fails
  return 0;
}

// ARP for IPv4 over Ethernet (RFC 826). Other address lengths cannot be read.
void parse_arp(Cursor& in, PacketView& view) {
  const auto arp = in.take<28>();
  if (in.failed() || arp.u8<4>() != 6 || arp.u8<5>() != 4) return;
  const std::uint16_t operation = arp.u16<6>();
  view.odd = arp.u16<0>() != 1 || arp.u16<2>() != kTypeIpv4 || operation == 0 || operation > 0xff;
  view.proto = static_cast<std::uint8_t>(operation);
  arp.copy<8, 6>(view.arp_sender_mac.bytes.data());
  view.source = mapped_v4(arp.bytes().subspan<14, 4>());
  view.target = mapped_v4(arp.bytes().subspan<24, 4>());
  view.shape = Shape::kArp;
}

// A frame that carries IP is judged as IP whatever its target MAC is: a link-local group address must not be a way
// past the policy.
void parse_content(Cursor& in, PacketView& view) {
  switch (view.ethertype) {
    case kTypeIpv4:
      return parse_ipv4(in, view);
    case kTypeIpv6:
      return parse_ipv6(in, view);
    case kTypeArp:
      return parse_arp(in, view);
    default:
      break;
  }
  view.payload = in.rest();
  const bool control =
      view.ethertype == kTypeEapol || view.ethertype == kTypeLldp || is_link_local_group(view.target_mac);
  view.shape = control ? Shape::kLinkControl : Shape::kOther;
}

}  // namespace

PacketView parse(std::span<const std::byte> frame) {
  PacketView view;
  Cursor in(frame);
  const auto header = in.take<14>();
  if (in.failed()) return view;
  header.copy<0, 6>(view.target_mac.bytes.data());
  header.copy<6, 6>(view.source_mac.bytes.data());
  std::uint16_t type = skip_tags(in, header.u16<12>(), view);
  if (type <= kMaxLlcLength) type = read_llc(in, type);
  if (in.failed()) return view;
  view.ethertype = type;
  view.odd = type > kMaxLlcLength && type < kMinEthertype;
  view.network_offset = static_cast<std::uint16_t>(in.rest().data() - frame.data());
  parse_content(in, view);
  return view;
}

}  // namespace wardline::packet
