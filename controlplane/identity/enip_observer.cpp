#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "controlplane/identity/little_endian.h"
#include "controlplane/identity/observers.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

struct Vendor {
  std::uint16_t id;
  std::string_view name;
};

// Of the ODVA's numbers those that are met most.
constexpr Vendor kVendors[] = {
    {1, "Rockwell Automation"},
    {5, "Rockwell Automation"},
    {26, "Festo"},
    {40, "WAGO"},
    {44, "Yaskawa"},
    {46, "ABB"},
    {47, "Omron"},
    {48, "Turck"},
    {90, "HMS"},
    {108, "Beckhoff"},
    {109, "National Instruments"},
    {243, "Schneider Electric"},
    {283, "Hilscher"},
    {562, "Phoenix Contact"},
    {678, "Cognex"},
    {808, "SICK"},
};

std::string vendor_of(std::uint16_t id) {
  const auto known = std::ranges::find(kVendors, id, &Vendor::id);
  return known == std::end(kVendors) ? std::to_string(id) : std::string(known->name);
}

// The identity item (CIP volume 2, 2-4.4.3). Only the socket address in it is in network order.
void tell_identity(Bytes item, Observations& out) {
  Cursor in(item);
  in.skip(2 + 16);  // protocol version, socket address
  const auto vendor = little16(in);
  in.skip(4);  // device type, product code
  const auto major = in.u8(), minor = in.u8();
  in.skip(2);  // status
  const auto serial = little32(in);
  const auto name = in.take(in.u8());
  if (in.failed()) return;
  tell(out, "enip", "enip.vendor", vendor_of(vendor));
  tell(out, "enip", "enip.model", as_text(name));
  tell(out, "enip", "enip.firmware", fmt::format("{}.{}", major, minor));
  if (serial != 0) tell(out, "enip", "enip.serial", fmt::format("{:08x}", serial));
}

}  // namespace

// Answers to ListIdentity, by datagram or in a stream (CIP volume 2, 2-3 and 2-4.3).
void observe_enip(Bytes payload, const Speech& speech, Observations& out) {
  constexpr std::uint16_t kListIdentity = 0x63, kIdentity = 0x0c;
  constexpr int kMaxMessages = 16, kMaxItems = 8;
  if (speech.by_client) return;
  Cursor in(payload);
  for (int i = 0; i < kMaxMessages && in.left() > 0; ++i) {
    const auto command = little16(in);
    const auto length = little16(in);
    in.skip(20);  // session, status, context, options
    Cursor items(in.take(length));
    if (in.failed()) return;
    if (command != kListIdentity) continue;
    const auto count = std::min<int>(little16(items), kMaxItems);
    for (int item = 0; item < count; ++item) {
      const auto type = little16(items);
      const auto data = items.take(little16(items));
      if (type == kIdentity) return tell_identity(data, out);
    }
  }
}

}  // namespace wardline::identity
