#include <cstdint>

#include "dataplane/facts/readers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {

// RFC 1157, 4; RFC 1901, 3; RFC 3412, 6: SEQUENCE, its length in BER, then the version as an INTEGER.
void read_snmp(std::span<const std::byte> bytes, bool /*from_client*/, FactSet& facts) {
  packet::Cursor message(bytes);
  const auto tag = message.u8();
  if (const auto length = message.u8(); length > 0x80) message.skip(length & 0x7f);
  const auto version = message.take<3>();
  if (message.failed() || tag != 0x30 || version.u8<0>() != 2 || version.u8<1>() != 1) return;
  switch (version.u8<2>()) {
    case 0:
      return facts.add(Fact::kSnmpVersion, "1");
    case 1:
      return facts.add(Fact::kSnmpVersion, "2c");
    case 3:
      return facts.add(Fact::kSnmpVersion, "3");
    default:
      return facts.add(Fact::kSnmpVersion, "");
  }
}

}  // namespace wardline::facts
