#include <algorithm>
#include <cstdint>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

using packet::Cursor;

// A number of up to four bytes, seven bits each, the lowest first (MQTT 5, 1.5.5; 3.1.1, 2.2.3).
std::uint32_t variable(Cursor& cursor) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const auto byte = cursor.u8();
    value |= std::uint32_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

// UTF-8 behind two bytes of length; what lies beyond the bytes that are there is left out.
std::string_view string(Cursor& cursor) {
  const auto length = cursor.u16();
  return text_of(cursor.take(std::min<std::size_t>(length, cursor.left())));
}

void read_connect(Cursor packet, FactSet& facts) {
  constexpr std::uint8_t kWill = 4;
  string(packet);  // MQTT or MQIsdp
  const auto level = packet.u8();
  const auto flags = packet.u8();
  packet.skip(2);  // keep alive
  if (level >= 5) packet.skip(variable(packet));
  const auto client = string(packet);
  if (packet.failed()) return;
  facts.add(Fact::kMqttClientId, client);
  if ((flags & kWill) == 0) return;
  // The broker publishes the will in the client's name (3.1.2.5), so that its topic counts like any other.
  if (level >= 5) packet.skip(variable(packet));
  const auto topic = string(packet);
  facts.add(Fact::kMqttTopic, packet.failed() ? std::string_view{} : topic);
}

// Packet identifier, properties in version 5, then filters. The version is not remembered from CONNECT: a property
// length is a first byte of 0 to 3 in most packets of version 5, while a filter of version 3 begins with the high byte
// of a length, which is 0. Both readings are tried; the one that ends exactly at the end of the packet holds. Where
// both do, or neither, as in a packet that is not there whole, no filter can be told: that is one that no rule lists.
bool ends_well(Cursor filters) {
  constexpr std::size_t kMaxFilters = 64;
  if (filters.left() == 0) return false;
  for (std::size_t i = 0; i < kMaxFilters && filters.left() != 0; ++i) {
    filters.skip(filters.u16());
    filters.skip(1);  // options
  }
  return !filters.failed() && filters.left() == 0;
}

bool several_left(Cursor filters) {
  filters.skip(filters.u16());
  return filters.left() > 1;
}

void read_subscribe(Cursor packet, FactSet& facts) {
  packet.skip(2);
  Cursor later = packet;
  later.skip(variable(later));
  const bool old = ends_well(packet), five = ends_well(later);
  if (old == five) return facts.add(Fact::kMqttTopic, "");
  Cursor filters = old ? packet : later;
  for (std::size_t i = 0; filters.left() != 0; ++i) {  // as many as ends_well() counts
    // The last place says that there is more than can be told.
    if (i + 1 == FactSet::kMaxValues && several_left(filters)) return facts.add(Fact::kMqttTopic, "");
    facts.add(Fact::kMqttTopic, string(filters));
    filters.skip(1);
  }
}

}  // namespace

// MQTT 3.1.1 and 5, 2.1: type and flags in the first byte, then the length of the rest.
void read_mqtt(std::span<const std::byte> bytes, bool from_client, FactSet& facts) {
  constexpr std::uint8_t kConnect = 1, kPublish = 3, kSubscribe = 8;
  Cursor packet(bytes);
  const auto type = packet.u8() >> 4;
  const auto length = variable(packet);
  if (packet.failed() || !from_client) return;
  const bool whole = length <= packet.left();
  packet.limit(std::min<std::size_t>(length, packet.left()));
  if (type == kConnect) read_connect(packet, facts);
  if (type == kPublish) facts.add(Fact::kMqttTopic, string(packet));
  if (type == kSubscribe) whole ? read_subscribe(packet, facts) : facts.add(Fact::kMqttTopic, "");
}

}  // namespace wardline::facts
