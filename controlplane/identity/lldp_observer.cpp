#include <algorithm>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// TLV types (IEEE 802.1AB, 8.4) and LLDP-MED subtypes (ANSI/TIA-1057, 10.2).
constexpr std::uint8_t kEnd = 0, kPortDescription = 4, kSystemName = 5, kSystemDescription = 6, kOrganisation = 127;
constexpr std::uint32_t kMedPrefix = 0x0012bb;
constexpr int kMaxTlvs = 128;

struct Name {
  std::uint8_t kind;
  std::string_view attribute;
};
constexpr Name kPlain[] = {
    {kPortDescription, "lldp.port"}, {kSystemName, "lldp.name"}, {kSystemDescription, "lldp.description"}};
constexpr Name kMed[] = {
    {6, "lldp.firmware"}, {7, "lldp.software"}, {8, "lldp.serial"}, {9, "lldp.vendor"}, {10, "lldp.model"}};

void tell_named(std::span<const Name> names, std::uint8_t kind, Bytes value, Observations& out) {
  const auto known = std::ranges::find(names, kind, &Name::kind);
  if (known != names.end()) tell(out, "lldp", known->attribute, as_text(value));
}

}  // namespace

void observe_lldp(Bytes payload, Observations& out) {
  packet::Cursor in(payload);
  for (int i = 0; i < kMaxTlvs && in.left() >= 2; ++i) {
    const auto head = in.u16();  // 7 bits of type, 9 of length
    const auto type = static_cast<std::uint8_t>(head >> 9);
    const auto value = in.take(head & 0x1ff);
    if (in.failed() || type == kEnd) return;
    if (type != kOrganisation) {
      tell_named(kPlain, type, value, out);
      continue;
    }
    packet::Cursor organisation(value);
    const auto prefix_and_subtype = organisation.u32();
    if (organisation.failed() || prefix_and_subtype >> 8 != kMedPrefix) continue;
    tell_named(kMed, static_cast<std::uint8_t>(prefix_and_subtype), organisation.rest(), out);
  }
}

}  // namespace wardline::identity
