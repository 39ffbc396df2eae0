#include <algorithm>
#include <cstdint>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// Up to four bytes of seven bits each, the lowest first (MQTT 5, 1.5.5).
std::uint32_t variable(packet::Cursor& in) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const auto byte = in.u8();
    value |= std::uint32_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

}  // namespace

// CONNECT of MQTT 3.1, 3.1.1 and 5 (3.1): the client's identifier. What follows it is a will, a user and a password.
void observe_mqtt(Bytes payload, const Speech& speech, Observations& out) {
  constexpr std::uint8_t kConnect = 0x10, kWithProperties = 5;
  packet::Cursor in(payload);
  if (!speech.by_client || in.u8() != kConnect) return;
  const std::size_t length = variable(in);
  in.limit(std::min(length, in.left()));
  in.skip(in.u16());  // MQTT or MQIsdp
  const auto level = in.u8();
  in.skip(3);  // flags, keep alive
  if (level >= kWithProperties) in.skip(variable(in));
  tell(out, "mqtt", "mqtt.client_id", as_text(in.take(in.u16())));
}

}  // namespace wardline::identity
