#include <algorithm>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::identity {
namespace {

// The time message of the CARESCAPE (Unity) network, UDP 2000, as the adapter documentation of a partner of the maker
// has it: 64 bytes, with the monitor's address, and the names of its unit and bed.
constexpr std::size_t kLength = 64, kAddress = 6, kUnit = 24, kRoom = 31, kRoomEnd = 37;

std::string_view text_at(Bytes payload, std::size_t begin, std::size_t end) {
  const auto text = as_text(payload.subspan(begin, end - begin));
  return text.substr(0, text.find('\0'));
}

}  // namespace

void observe_carescape(Bytes payload, const Speech&, Observations& out) {
  if (payload.size() != kLength) return;
  std::uint32_t address = 0;
  for (const auto byte : payload.subspan(kAddress, 4)) address = address << 8 | std::to_integer<std::uint32_t>(byte);
  tell(out, "carescape", "carescape.address", inventory::text_of(Address::v4(address)));
  tell(out, "carescape", "carescape.unit", text_at(payload, kUnit, kRoom));
  tell(out, "carescape", "carescape.room", text_at(payload, kRoom, kRoomEnd));
}

}  // namespace wardline::identity
