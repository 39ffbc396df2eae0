#include <algorithm>

#include "controlplane/identity/observers.h"
#include "controlplane/identity/utf16_text.h"
#include "controlplane/inventory/address_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// Philips IntelliVue Data Export Interface Programming Guide: nomenclature, remote operation, event report and the
// managed object of a connect indication, in network order. Its attributes follow: a number, a length, the value.
constexpr std::uint16_t kInvoke = 1, kConnectIndication = 0x0d17;
constexpr std::size_t kMostAttributes = 32;
constexpr std::uint16_t kAddressInfo = 0xf100, kBedLabel = 0xf135;

void tell_address(Bytes value, Observations& out) {
  if (value.size() < 10) return;  // MAC, IPv4 address, and a mask that says nothing
  Mac mac;
  std::ranges::transform(value.first(6), mac.bytes.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  tell(out, "intellivue", "intellivue.mac", inventory::text_of(mac));
}

}  // namespace

// What a monitor broadcasts until a central station takes it. The label names the bed, not who lies in it.
void observe_intellivue(Bytes payload, const Speech&, Observations& out) {
  packet::Cursor in(payload);
  const auto head = in.take<32>();
  if (in.failed() || head.u16<4>() != kInvoke || head.u16<24>() != kConnectIndication) return;
  const auto count = std::min<std::size_t>(head.u16<28>(), kMostAttributes);
  for (std::size_t i = 0; i < count; ++i) {
    const auto attribute = in.u16();
    const auto value = in.take(in.u16());
    if (in.failed()) return;
    if (attribute == kAddressInfo) tell_address(value, out);
    if (attribute == kBedLabel) tell(out, "intellivue", "intellivue.bed", utf8_of_utf16(value, ByteOrder::kBig));
  }
}

}  // namespace wardline::identity
