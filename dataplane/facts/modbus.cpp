#include <cstdint>

#include "dataplane/facts/readers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

// Modbus Application Protocol 1.1b3, 6: the functions that change nothing. 43 wraps others: its kind 14 reads the
// device's identification (6.21), 13 may carry a write of CANopen. Codes that the standard does not know are the
// makers' own, and some of them load programs.
bool reads(std::uint8_t function, std::uint8_t kind) {
  constexpr std::uint8_t kIdentification = 14;
  switch (function) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 7:
    case 11:
    case 12:
    case 17:
    case 20:
    case 24:
      return true;
    case 43:
      return kind == kIdentification;
    default:
      return false;
  }
}

}  // namespace

void read_modbus(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  packet::Cursor message(bytes);
  const auto head = message.take<8>();  // MBAP header and function code
  if (!from_client || message.failed()) return;
  facts.add(Fact::kModbusAccess, reads(head.u8<7>(), message.u8()) ? "read" : "write");
}

}  // namespace wardline::facts
