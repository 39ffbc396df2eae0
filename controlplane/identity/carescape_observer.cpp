#include <algorithm>
#include <array>

#include "controlplane/identity/observers.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::identity {
namespace {

// Where a message of the CARESCAPE (Unity) network, told by its length, names its sender: the address, and unit and bed
// as one text, UNIT|BED. The time message (UDP 2000) is as a partner of the maker describes it, the discovery message
// (UDP 7000) as it was taken apart in public from a Dash 4000. What follows the bed in that one is the patient's name.
struct Message {
  std::size_t length, address, place, place_end;
};
constexpr std::array<Message, 2> kMessages{{{64, 6, 24, 37}, {88, 4, 12, 28}}};
constexpr std::size_t kMostOfUnit = 7;
constexpr std::size_t kTimeLength = 64, kTimeRoom = 31;

std::string_view text_at(Bytes payload, std::size_t begin, std::size_t end) {
  const auto text = as_text(payload.subspan(begin, end - begin));
  return text.substr(0, text.find('\0'));
}

}  // namespace

void observe_carescape(Bytes payload, const Speech&, Observations& out) {
  const auto message = std::ranges::find(kMessages, payload.size(), &Message::length);
  if (message == kMessages.end()) return;
  std::uint32_t address = 0;
  for (const auto byte : payload.subspan(message->address, 4)) address = address << 8 | std::to_integer<unsigned>(byte);
  tell(out, "carescape", "carescape.address", inventory::text_of(Address::v4(address)));
  const auto place = text_at(payload, message->place, message->place_end);
  if (const auto bar = place.find('|'); bar <= kMostOfUnit) {
    tell(out, "carescape", "carescape.unit", place.substr(0, bar));
    tell(out, "carescape", "carescape.room", place.substr(bar + 1));
  } else if (message->length == kTimeLength) {  // the description leaves open whether the bar is written
    tell(out, "carescape", "carescape.unit", text_at(payload, message->place, kTimeRoom));
    tell(out, "carescape", "carescape.room", text_at(payload, kTimeRoom, message->place_end));
  }
}

}  // namespace wardline::identity
