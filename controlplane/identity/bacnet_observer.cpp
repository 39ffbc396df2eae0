// BACnet/IP: what a device says of itself in I-Am, and in answers that read its device object (ASHRAE 135).
#include <algorithm>
#include <cstdint>
#include <string>

#include "controlplane/identity/observers.h"
#include "controlplane/identity/utf16_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

constexpr std::uint32_t kDevice = 8, kNoInstance = 0x3fffff;  // type of object; the instance that stands for any
constexpr int kMaxElements = 128;

struct Vendor {
  std::uint32_t id;
  std::string_view name;
};

// Of ASHRAE's numbers those that are met most.
constexpr Vendor kVendors[] = {
    {2, "Trane"},
    {3, "Daikin Applied"},
    {5, "Johnson Controls"},
    {7, "Siemens"},
    {8, "Delta Controls"},
    {9, "Siemens"},
    {10, "Schneider Electric"},
    {16, "Carrier"},
    {17, "Honeywell"},
    {18, "Alerton"},
    {22, "Siemens"},
    {24, "Automated Logic"},
    {26, "Phoenix Controls"},
    {28, "KMC Controls"},
    {35, "Reliable Controls"},
    {36, "Tridium"},
    {260, "BACnet Stack at SourceForge"},
    {332, "Distech Controls"},
    {364, "Distech Controls"},
};

struct Property {
  std::uint32_t id;  // clause 21, BACnetPropertyIdentifier
  std::string_view attribute;
};

constexpr Property kProperties[] = {
    {12, "bacnet.software"}, {44, "bacnet.firmware"}, {58, "bacnet.location"}, {70, "bacnet.model"},
    {77, "bacnet.name"},     {121, "bacnet.vendor"},  {372, "bacnet.serial"},
};

// One element of clause 20.2.1: a value, or the mark that opens or closes several.
struct Element {
  enum class Kind : std::uint8_t { kValue, kOpening, kClosing };
  std::uint8_t number = 0;
  bool context = false;
  Kind kind = Kind::kValue;
  Bytes value;

  bool is(std::uint8_t context_number, Kind wanted) const {
    return context && number == context_number && kind == wanted;
  }
};

Element next_element(Cursor& in) {
  constexpr std::uint8_t kBoolean = 1, kLongNumber = 15, kLongLength = 5, kOpens = 6, kCloses = 7;
  const auto first = in.u8();
  Element element{.number = static_cast<std::uint8_t>(first >> 4), .context = (first & 8) != 0, .value = {}};
  if (element.number == kLongNumber) element.number = in.u8();
  const std::uint8_t low = first & 7;
  if (element.context && low == kOpens) element.kind = Element::Kind::kOpening;
  if (element.context && low == kCloses) element.kind = Element::Kind::kClosing;
  if (element.kind != Element::Kind::kValue) return element;
  if (!element.context && element.number == kBoolean) return element;  // the length is the value
  std::size_t length = low;
  if (low >= kLongLength) {
    length = in.u8();
    if (length == 254)
      length = in.u16();
    else if (length == 255)
      length = in.u32();
  }
  element.value = in.take(length);
  return element;
}

// An unsigned number, or an enumeration or object identifier, of 1 to 4 bytes.
std::uint32_t number_of(Bytes value) {
  std::uint32_t number = 0;
  if (value.size() <= 4)
    for (const auto byte : value) number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

// ISO 8859-1, whose numbers are those of Unicode.
std::string utf8_of_latin1(Bytes bytes) {
  std::string text;
  for (const auto byte : bytes) {
    const auto point = std::to_integer<unsigned>(byte);
    if (point >= 0x80) text += static_cast<char>(0xc0 | point >> 6);
    text += static_cast<char>(point < 0x80 ? point : 0x80 | (point & 0x3f));
  }
  return text;
}

// A character string behind the number of its character set (20.2.9). Sets of one country are not read.
std::string text_of(Bytes value) {
  constexpr std::uint8_t kUtf8 = 0, kUcs2 = 4, kLatin1 = 5;
  Cursor in(value);
  switch (in.u8()) {
    case kUtf8:
      return std::string(as_text(in.rest()));
    case kUcs2:
      return utf8_of_utf16(in.rest(), ByteOrder::kBig);
    case kLatin1:
      return utf8_of_latin1(in.rest());
    default:
      return {};
  }
}

// False where the object is another than the device itself.
bool tell_device(std::uint32_t object, Observations& out) {
  if (object >> 22 != kDevice) return false;
  const auto instance = object & kNoInstance;
  if (instance != kNoInstance) tell(out, "bacnet", "bacnet.instance", std::to_string(instance));
  return true;
}

// The first value between an opening and its closing mark, which is taken off `in` with all that stands between.
Element value_between(Cursor& in) {
  Element found;
  int depth = 1;
  for (int i = 0; i < kMaxElements && depth > 0 && !in.failed(); ++i) {
    const auto element = next_element(in);
    if (element.kind == Element::Kind::kOpening) ++depth;
    if (element.kind == Element::Kind::kClosing) --depth;
    if (i == 0 && depth == 1) found = element;
  }
  return depth == 0 && !in.failed() ? found : Element{};
}

void tell_property(std::uint32_t id, const Element& value, Observations& out) {
  constexpr std::uint8_t kCharacters = 7;
  const auto known = std::ranges::find(kProperties, id, &Property::id);
  if (known != std::end(kProperties) && !value.context && value.number == kCharacters)
    tell(out, "bacnet", known->attribute, text_of(value.value));
}

// Clause 16.10: object, largest message, segmentation, vendor.
void read_i_am(Cursor in, Observations& out) {
  constexpr std::uint8_t kUnsigned = 2, kObject = 12;
  const auto object = next_element(in);
  next_element(in), next_element(in);
  const auto number = next_element(in);
  if (in.failed() || object.context || object.number != kObject || object.value.size() != 4) return;
  if (number.context || number.number != kUnsigned || !tell_device(number_of(object.value), out)) return;
  const auto vendor = number_of(number.value);
  const auto known = std::ranges::find(kVendors, vendor, &Vendor::id);
  tell(out, "bacnet", "bacnet.vendor", known == std::end(kVendors) ? std::to_string(vendor) : std::string(known->name));
}

// Clause 15.5: object, property, perhaps a place in an array, the value.
void read_property(Cursor in, Observations& out) {
  const auto object = next_element(in), property = next_element(in);
  auto opening = next_element(in);
  if (opening.is(2, Element::Kind::kValue)) return;  // a piece of an array
  if (in.failed() || !object.is(0, Element::Kind::kValue) || !property.is(1, Element::Kind::kValue)) return;
  if (!opening.is(3, Element::Kind::kOpening) || !tell_device(number_of(object.value), out)) return;
  tell_property(number_of(property.value), value_between(in), out);
}

// Clause 15.7: of each object a list of properties, each with its value or an error.
void read_several(Cursor in, Observations& out) {
  bool device = false, piece = false;
  std::uint32_t property = 0;
  for (int i = 0; i < kMaxElements && in.left() > 0; ++i) {
    const auto element = next_element(in);
    if (in.failed()) return;
    if (element.is(0, Element::Kind::kValue)) device = tell_device(number_of(element.value), out);
    if (element.is(2, Element::Kind::kValue)) property = number_of(element.value), piece = false;
    if (element.is(3, Element::Kind::kValue)) piece = true;
    if (element.is(5, Element::Kind::kOpening)) value_between(in);
    if (!element.is(4, Element::Kind::kOpening)) continue;
    const auto value = value_between(in);
    if (device && !piece) tell_property(property, value, out);
  }
}

// Clause 20.1: an unconfirmed request, or an answer with data that is not cut in segments.
void read_application(Cursor in, Observations& out) {
  constexpr std::uint8_t kUnconfirmed = 0x10, kAnswer = 0x30, kIAm = 0, kReadProperty = 12, kReadSeveral = 14;
  const auto type = in.u8();
  if (type == kUnconfirmed && in.u8() == kIAm) return read_i_am(in, out);
  if (type != kAnswer) return;
  in.skip(1);  // of the question
  const auto service = in.u8();
  if (service == kReadProperty) read_property(in, out);
  if (service == kReadSeveral) read_several(in, out);
}

// Clause 6.2: version, control, addresses. What has a source address comes from another network, through this device.
void read_network(Cursor in, Observations& out) {
  constexpr std::uint8_t kVersion = 1, kMessage = 0x80, kTarget = 0x20, kSource = 0x08;
  const auto version = in.u8(), control = in.u8();
  if (version != kVersion || (control & (kMessage | kSource)) != 0) return;
  if ((control & kTarget) != 0) {
    in.skip(2);
    in.skip(in.u8());
    in.skip(1);  // hop count
  }
  if (!in.failed()) read_application(in, out);
}

}  // namespace

// Annex J.2: unicast and broadcast. What is forwarded (4) was said by another.
void observe_bacnet(Bytes payload, const Speech&, Observations& out) {
  constexpr std::uint8_t kBacnetIp = 0x81, kBroadcastBy = 0x09, kUnicast = 0x0a, kBroadcast = 0x0b;
  Cursor in(payload);
  const auto head = in.take<4>();
  const auto function = head.u8<1>();
  if (in.failed() || head.u8<0>() != kBacnetIp || head.u16<2>() < 4) return;
  in.limit(std::min<std::size_t>(head.u16<2>() - 4U, in.left()));
  if (function == kUnicast || function == kBroadcast || function == kBroadcastBy) read_network(in, out);
}

}  // namespace wardline::identity
