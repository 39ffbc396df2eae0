#include "dataplane/runtime/worker_choice.h"

#include "dataplane/packet/cursor.h"

namespace wardline::runtime {
namespace {

using packet::Cursor;

constexpr std::uint16_t kTypeIpv4 = 0x0800, kTypeIpv6 = 0x86dd, kMinEthertype = 0x0600;
constexpr int kMostTags = 2;

constexpr bool is_tag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

// Neighbours in number come far apart in the upper half (Knuth, 6.4: a multiple of the golden ratio).
std::uint32_t mixed(std::uint64_t number) {
  return static_cast<std::uint32_t>(number * 0x9e3779b97f4a7c15 >> 32);
}

// What follows the tags, as packet::parse reads it: also a type inside LLC and SNAP.
std::uint16_t content_type(Cursor& in, std::uint16_t type) {
  for (int tags = 0; tags < kMostTags && is_tag(type); ++tags) {
    const auto tag = in.take<4>();
    type = tag.u16<2>();
  }
  if (type >= kMinEthertype) return type;
  const auto snap = in.take<8>();
  const std::uint32_t oui = snap.u32<2>() & 0x00ffffff;
  const bool encapsulated = snap.u16<0>() == 0xaaaa && snap.u8<2>() == 0x03 && (oui == 0x000000 || oui == 0x0000f8);
  return encapsulated ? snap.u16<6>() : std::uint16_t{0};
}

std::uint64_t address6(Cursor& in) {
  const auto half = in.take<16>();
  const auto prefix = std::uint64_t{half.u32<0>()} << 32 | half.u32<4>();
  const auto interface = std::uint64_t{half.u32<8>()} << 32 | half.u32<12>();
  return prefix * 0xff51afd7ed558ccd ^ interface ^ interface >> 32;
}

}  // namespace

std::uint32_t device_side_hash(std::span<const std::byte> head, Side side) {
  Cursor in(head);
  const auto link = in.take<14>();
  const bool from_device = side == Side::kDevice;
  const auto type = content_type(in, link.u16<12>());
  if (type == kTypeIpv4) {
    const auto ip = in.take<20>();
    if (!in.failed()) return mixed(from_device ? ip.u32<12>() : ip.u32<16>());
  } else if (type == kTypeIpv6) {
    in.skip(from_device ? 8 : 24);
    const auto address = address6(in);
    if (!in.failed()) return mixed(address);
  }
  return 0;
}

}  // namespace wardline::runtime
