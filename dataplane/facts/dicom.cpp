#include <algorithm>
#include <cstdint>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

using packet::Cursor;

constexpr std::uint8_t kAssociateRequest = 1, kData = 4;         // PS3.8, 9.3: types of PDU
constexpr std::uint8_t kContext = 0x20, kAbstractSyntax = 0x30;  // PS3.8, 9.3.2: types of item
constexpr std::size_t kMaxContexts = 128;                        // presentation context ids are odd bytes
constexpr std::size_t kMaxElements = 64;

// Titles are padded with spaces at either end, UIDs with one NUL (PS3.5, 6.2).
std::string_view trimmed(std::string_view value) {
  constexpr std::string_view kPadding(" \0", 2);
  const auto first = value.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(kPadding) - first + 1);
}

// Requests of PS3.7, E.1-1. Answers have the highest bit set and ask for nothing.
std::string_view command_name(std::uint16_t field) {
  switch (field) {
    case 0x0001:
      return "c-store";
    case 0x0010:
      return "c-get";
    case 0x0020:
      return "c-find";
    case 0x0021:
      return "c-move";
    case 0x0030:
      return "c-echo";
    case 0x0100:
      return "n-event-report";
    case 0x0110:
      return "n-get";
    case 0x0120:
      return "n-set";
    case 0x0130:
      return "n-action";
    case 0x0140:
      return "n-create";
    case 0x0150:
      return "n-delete";
    case 0x0fff:
      return "c-cancel";
    default:
      return (field & 0x8000) != 0 ? "" : "other";
  }
}

void read_association(Cursor pdu, FactSet& facts) {
  pdu.skip(4);  // protocol version, reserved
  const auto called = pdu.take(16), calling = pdu.take(16);
  pdu.skip(32);
  if (pdu.failed()) return;
  facts.add(Fact::kDicomCalledAe, trimmed(text_of(called)));
  facts.add(Fact::kDicomCallingAe, trimmed(text_of(calling)));
  for (std::size_t i = 0; i < kMaxContexts && pdu.left() >= 4; ++i) {
    const auto head = pdu.take<4>();
    const auto item = pdu.take(std::min<std::size_t>(head.u16<2>(), pdu.left()));
    if (head.u8<0>() != kContext) continue;
    Cursor context(item);
    context.skip(4);
    const auto part = context.take<4>();
    const auto uid = context.take(part.u16<2>());
    if (!context.failed() && part.u8<0>() == kAbstractSyntax)
      facts.add(Fact::kDicomAbstractSyntax, trimmed(text_of(uid)));
  }
}

std::uint32_t little(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

// A command set is always implicit VR little endian (PS3.7, 6.3.1): tag, length, value. The command is (0000,0100).
void read_command(std::span<const std::byte> set, FactSet& facts) {
  Cursor elements(set);
  for (std::size_t i = 0; i < kMaxElements && elements.left() >= 8; ++i) {
    const auto tag = little(elements.take(4));
    const auto length = little(elements.take(4));
    if (length > elements.left()) break;
    const auto value = elements.take(length);
    if (tag != 0x01000000 || value.size() != 2) continue;
    if (const auto name = command_name(static_cast<std::uint16_t>(little(value))); !name.empty())
      facts.add(Fact::kDicomCommand, name);
    return;
  }
  facts.add(Fact::kDicomCommand, "other");  // a command that cannot be read is none of those that a rule lists
}

// Message control header (PS3.8, E.2): bit 0 a command, bit 1 its last fragment. A fragment that goes on with a command
// begun before cannot be told from one that begins, and no peer known sends a command in fragments. `beyond`: bytes of
// the PDU that are not there. A value that reaches into them must be its last one, as all peers send it: a command that
// stood behind it would go by unread.
void read_data(Cursor pdu, std::size_t beyond, FactSet& facts) {
  for (std::size_t i = 0; i < kMaxContexts && pdu.left() > 6; ++i) {
    const auto head = pdu.take<6>();
    const auto length = head.u32<0>();
    if (length < 2) return;
    const std::size_t size = length - 2, there = pdu.left();
    const auto value = pdu.take(std::min(size, there));
    if ((head.u8<5>() & 1) != 0) read_command(value, facts);
    if (size > there && size != there + beyond) return facts.add(Fact::kDicomCommand, "other");
    if (size > there) return;
  }
  if (beyond != 0) facts.add(Fact::kDicomCommand, "other");
}

}  // namespace

void read_dicom(std::span<const std::byte> bytes, bool /*from_client*/, FactSet& facts) {
  Cursor pdus(bytes);
  for (std::size_t i = 0; i < kMaxContexts && pdus.left() > 6; ++i) {
    const auto head = pdus.take<6>();
    const std::size_t length = head.u32<2>(), there = std::min(length, pdus.left());
    const Cursor pdu(pdus.take(there));
    if (head.u8<0>() == kAssociateRequest) read_association(pdu, facts);
    if (head.u8<0>() == kData) read_data(pdu, length - there, facts);
  }
}

}  // namespace wardline::facts
