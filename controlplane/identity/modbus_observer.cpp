#include <array>
#include <cstdint>
#include <optional>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

// MODBUS Application Protocol 1.1b3, 6.21: objects of the basic and the regular category.
enum Object : std::uint8_t { kVendorName, kProductCode, kRevision, kVendorUrl, kProductName, kModelName, kObjects };
using Values = std::array<std::string_view, kObjects>;

void read_objects(Cursor in, Values& values) {
  const auto count = in.u8();
  for (int i = 0; i < count; ++i) {
    const auto object = in.u8();
    const auto value = in.take(in.u8());
    if (in.failed()) return;
    if (object < kObjects) values[object] = as_text(value);
  }
}

}  // namespace

// Answers to Read Device Identification, behind MBAP headers (Messaging on TCP/IP 1.0b, 3.1.3). Behind a gateway each
// unit is a device of its own; the first that tells is the one that is told.
void observe_modbus(Bytes payload, const Speech& speech, Observations& out) {
  constexpr int kMaxMessages = 64;
  constexpr std::uint8_t kEncapsulated = 43, kIdentification = 14;
  if (speech.by_client) return;
  Values values;
  std::optional<std::uint8_t> unit;
  Cursor in(payload);
  for (int i = 0; i < kMaxMessages && in.left() > 0; ++i) {
    const auto head = in.take<6>();
    Cursor message(in.take(head.u16<4>()));
    if (in.failed() || head.u16<2>() != 0) break;
    const auto fixed = message.take<6>();  // unit, function, kind, code, conformity, more follows
    message.skip(1);                       // next object
    if (message.failed() || fixed.u8<1>() != kEncapsulated || fixed.u8<2>() != kIdentification) continue;
    if (unit.value_or(fixed.u8<0>()) != fixed.u8<0>()) continue;
    unit = fixed.u8<0>();
    read_objects(message, values);
  }
  tell(out, "modbus", "modbus.vendor", values[kVendorName]);
  for (const auto object : {kModelName, kProductName, kProductCode}) {
    if (values[object].empty()) continue;
    tell(out, "modbus", "modbus.model", values[object]);
    break;
  }
  tell(out, "modbus", "modbus.firmware", values[kRevision]);
}

}  // namespace wardline::identity
