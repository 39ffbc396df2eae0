#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// RFC 2131 figure 1 and RFC 2132; option 82: RFC 3046.
enum Option : std::uint8_t {
  kPad = 0,
  kHostName = 12,
  kOverload = 52,
  kMessageType = 53,
  kParameters = 55,
  kVendorClass = 60,
  kClientId = 61,
  kUserClass = 77,
  kRelayAgent = 82,
  kEnd = 255
};
enum MessageType : std::uint8_t { kDiscover = 1, kRequest = 3, kAck = 5, kInform = 8 };

constexpr std::uint8_t kFromClient = 1, kFromServer = 2;
constexpr std::uint8_t kEthernet = 1, kMacLength = 6;
constexpr std::uint32_t kCookie = 0x63825363;
constexpr std::size_t kMaxOptionBytes = 1024;  // of one option, after its parts were joined
constexpr std::size_t kMaxClientId = 64;

// Values by option number. An option that stands several times is one that was split (RFC 3396).
struct Options {
  std::array<std::string, 256> values;

  const std::string& operator[](std::uint8_t option) const { return values[option]; }
  std::uint8_t byte(std::uint8_t option) const {
    return values[option].size() == 1 ? static_cast<std::uint8_t>(values[option][0]) : std::uint8_t{0};
  }
  // A field of options ends at the end mark, at its last byte, or at an option that runs over it: what that one says
  // is not believed, what stood before it is.
  void read(Bytes field) {
    packet::Cursor in(field);
    while (in.left() > 0) {
      const auto option = in.u8();
      if (option == kPad) continue;
      if (option == kEnd) return;
      const auto value = in.take(in.u8());
      if (in.failed()) return;
      auto& kept = values[option];
      if (kept.size() + value.size() <= kMaxOptionBytes) kept += as_text(value);
    }
  }
};

std::string as_list(std::string_view numbers) {
  std::string list;
  for (const char number : numbers) {
    list += fmt::format("{}{}", list.empty() ? "" : ",", static_cast<std::uint8_t>(number));
  }
  return list;
}

std::string as_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes.substr(0, kMaxClientId)) {
    hex += fmt::format("{}{:02x}", hex.empty() ? "" : ":", static_cast<std::uint8_t>(byte));
  }
  return hex;
}

// Sub-options 1 and 2 of a snooping switch or relay: the port, and the switch. A device can write them too when no
// switch stops it, so they are claims.
void tell_relay_agent(std::string_view raw, Observations& out) {
  while (raw.size() >= 2) {
    const auto kind = static_cast<std::uint8_t>(raw[0]);
    const auto length = static_cast<std::uint8_t>(raw[1]);
    if (raw.size() - 2 < length) return;
    const auto value = raw.substr(2, length);
    const auto printable =
        value.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ _-./:") ==
        std::string_view::npos;
    if (kind == 1) tell(out, "dhcp", "dhcp.circuit_id", printable ? std::string(value) : as_hex(value));
    if (kind == 2) tell(out, "dhcp", "dhcp.remote_id", printable ? std::string(value) : as_hex(value));
    raw.remove_prefix(2U + length);
  }
}

void tell_client(const Options& options, Observations& out) {
  tell(out, "dhcp", "dhcp.vendor_class", options[kVendorClass]);
  tell(out, "dhcp", "dhcp.params", as_list(options[kParameters]));
  tell(out, "dhcp", "dhcp.hostname", options[kHostName]);
  tell(out, "dhcp", "dhcp.user_class", options[kUserClass]);
  tell(out, "dhcp", "dhcp.client_id", as_hex(options[kClientId]));
  tell_relay_agent(options[kRelayAgent], out);
}

}  // namespace

void observe_dhcp(Bytes payload, Side side, const Mac& frame_source, Observations& out) {
  packet::Cursor in(payload);
  const auto fixed = in.take<44>();
  const auto server_name = in.take(64), file = in.take(128);
  const auto cookie = in.u32();
  if (in.failed() || cookie != kCookie || fixed.u8<1>() != kEthernet || fixed.u8<2>() != kMacLength) return;
  Mac client;
  fixed.copy<28, 6>(client.bytes.data());
  if (client.group() || client.zero()) return;

  Options options;
  options.read(in.rest());
  const auto overload = options.byte(kOverload);  // RFC 2132, 9.3: 1 file, 2 server name, 3 both
  if (overload & 1) options.read(file);
  if (overload & 2) options.read(server_name);

  const auto type = options.byte(kMessageType);
  const auto relay = fixed.u32<24>(), given = fixed.u32<16>();
  const auto first = out.size();
  if (fixed.u8<0>() == kFromClient && side == Side::kDevice) {
    // Without a relay the sender is the client: who speaks for another's address is not heard.
    if (relay == 0 && client != frame_source) return;
    if (type == kDiscover || type == kRequest || type == kInform) tell_client(options, out);
  } else if (fixed.u8<0>() == kFromServer && side == Side::kCore && type == kAck && given != 0) {
    out.push_back({.address = Address::v4(given)});
  }
  for (auto i = first; i < out.size(); ++i) out[i].about = client;
}

}  // namespace wardline::identity
