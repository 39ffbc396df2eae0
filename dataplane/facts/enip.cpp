#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

using packet::Cursor;
constexpr std::string_view kRead = "read", kWrite = "write", kNothing = "";

// All numbers of the encapsulation are little endian (CIP volume 2, 2-3).
std::uint16_t little(Cursor& cursor) {
  return std::byteswap(cursor.u16());
}

// The class that a path begins with (CIP volume 1, C-1.4.2: 20 and one byte, or 21, a pad byte and two), kSymbol for a
// tag by its name (91), kNoClass for others.
constexpr std::uint16_t kSymbol = 0x6b, kTemplate = 0x6c, kManager = 0x06, kNoClass = 0xffff;
constexpr std::uint16_t kDataTable = 0x72;  // no public description: panels read tags in groups there
std::uint16_t class_of(Cursor path) {
  switch (path.u8()) {
    case 0x20: {
      const auto number = path.u8();
      return path.failed() ? kNoClass : number;
    }
    case 0x21: {
      path.skip(1);
      const auto number = little(path);
      return path.failed() ? kNoClass : number;
    }
    case 0x91:
      return kSymbol;
    default:
      return kNoClass;
  }
}

// CIP volume 1, appendix A, and the services of Logix controllers. Bit 7 marks an answer. What is not known may write;
// from 0x4b on a service is its class's own, so that the same number reads a tag and does something else elsewhere.
std::string_view service_access(std::uint8_t service, std::uint16_t object) {
  if ((service & 0x80) != 0) return kNothing;
  switch (service) {
    case 0x01:  // Get_Attributes_All
    case 0x03:  // Get_Attribute_List
    case 0x0e:  // Get_Attribute_Single
    case 0x11:  // Find_Next_Object_Instance
    case 0x18:  // Get_Member
      return kRead;
    case 0x4c:  // Read Tag, Read Template
    case 0x52:  // Read Tag Fragmented; Unconnected_Send for the connection manager, which is unwrapped before
    case 0x55:  // Get_Instance_Attribute_List
      return object == kSymbol || object == kTemplate || object == kDataTable ? kRead : kWrite;
    default:  // set (2, 4, 0x10), reset (5), start (6), stop (7), write tag (0x4d, 0x53), modify (0x4e) ...
      return kWrite;
  }
}

// A request that another one carries. It carries none itself: those that would do so count as writing.
std::string_view inner_access(Cursor request) {
  const auto service = request.u8();
  const auto words = request.u8();
  const Cursor path(request.take(std::size_t{words} * 2));
  return request.failed() ? kWrite : service_access(service, class_of(path));
}

// A request of the message router: service, size of the path in words, path, data.
std::string_view request_access(Cursor request) {
  constexpr std::uint8_t kUnconnectedSend = 0x52, kMultiple = 0x0a, kForwardOpen = 0x54, kLargeForwardOpen = 0x5b,
                         kForwardClose = 0x4e;
  const auto service = request.u8();
  const auto words = request.u8();
  const auto path = request.take(std::size_t{words} * 2);
  if (request.failed()) return kWrite;
  if ((service & 0x80) != 0) return kNothing;
  const auto object = class_of(Cursor(path));
  const bool manager = object == kManager;  // the connection manager (CIP volume 1, 3-5.5)
  if (manager && (service == kForwardOpen || service == kLargeForwardOpen || service == kForwardClose)) return kRead;
  if (manager && service == kUnconnectedSend) {
    request.skip(2);  // priority and time-out
    Cursor inner(request.take(little(request)));
    return request.failed() ? kWrite : inner_access(inner);
  }
  if (service != kMultiple) return service_access(service, object);
  const auto count = little(request);  // Multiple_Service_Packet: offsets from here, then the requests
  const auto whole = request.rest();
  for (std::size_t i = 0; i < count; ++i) {
    const auto offset = little(request);
    if (request.failed() || offset < 2 || std::size_t{offset} - 2 >= whole.size()) return kWrite;
    if (inner_access(Cursor(whole.subspan(offset - 2U))) == kWrite) return kWrite;
  }
  return kRead;
}

// Common packet format: interface handle, time-out, then items of type, length and data.
void read_items(Cursor items, FactSet& facts) {
  constexpr std::uint16_t kConnected = 0x00b1, kUnconnected = 0x00b2;
  constexpr std::size_t kMaxItems = 8;
  items.skip(6);
  const auto count = little(items);
  for (std::size_t i = 0; i < count && i < kMaxItems; ++i) {
    const auto type = little(items);
    Cursor data(items.take(std::min<std::size_t>(little(items), items.left())));
    if (items.failed()) break;
    if (type == kConnected) data.skip(2);  // sequence count
    if (type != kConnected && type != kUnconnected) continue;
    if (const auto access = request_access(data); access != kNothing) facts.add(Fact::kEnipAccess, access);
    return;
  }
  facts.add(Fact::kEnipAccess, kWrite);  // no request where one should be: a receiver may find it elsewhere
}

}  // namespace

void read_enip(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  constexpr std::uint16_t kSendRrData = 0x006f, kSendUnitData = 0x0070;
  Cursor message(bytes);
  const auto head = message.take<24>();
  if (message.failed() || !from_client) return;
  const auto command = std::byteswap(head.u16<0>());
  if (command == kSendRrData || command == kSendUnitData)
    read_items(message, facts);
  else
    facts.add(Fact::kEnipAccess, kRead);  // list services, identity and interfaces; sessions
}

}  // namespace wardline::facts
