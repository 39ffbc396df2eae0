#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "controlplane/identity/dns_message.h"
#include "controlplane/identity/observers.h"
#include "controlplane/identity/relay_agent.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// RFC 2131 figure 1 and RFC 2132; 81: RFC 4702; 82: RFC 3046; 93: RFC 4578; 125: RFC 3925; 161: RFC 8520.
enum Option : std::uint8_t {
  kPad = 0,
  kHostName = 12,
  kOverload = 52,
  kMessageType = 53,
  kParameters = 55,
  kMaxSize = 57,
  kVendorClass = 60,
  kClientId = 61,
  kUserClass = 77,
  kClientName = 81,
  kRelayAgent = 82,
  kArchitecture = 93,
  kVendorOptions = 125,
  kMudUrl = 161,
  kEnd = 255
};
enum MessageType : std::uint8_t { kDiscover = 1, kRequest = 3, kAck = 5, kInform = 8 };

constexpr std::uint8_t kFromClient = 1, kFromServer = 2;
constexpr std::uint8_t kEthernet = 1, kMacLength = 6;
constexpr std::uint32_t kCookie = 0x63825363;
constexpr std::size_t kMaxOptionBytes = 1024;  // of one option, after its parts were joined

// Values by option number. An option that stands several times is one that was split (RFC 3396).
struct Options {
  std::array<std::string, 256> values;

  const std::string& operator[](std::uint8_t option) const { return values[option]; }
  Bytes bytes(std::uint8_t option) const { return std::as_bytes(std::span(values[option])); }
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

std::string list_of_bytes(Bytes numbers) {
  std::string list;
  for (const auto number : numbers) add_word(list, fmt::to_string(std::to_integer<unsigned>(number)));
  return list;
}

// Of a list whose last number is cut off nothing is said.
std::string list_of_words(Bytes numbers) {
  std::string list;
  packet::Cursor in(numbers);
  while (in.left() > 0) add_word(list, fmt::to_string(in.u16()));
  return in.failed() ? std::string{} : list;
}

// RFC 4702, 2: flags, two bytes of former use, and the name as in the DNS or, in the older form, as text.
void tell_client_name(Bytes value, Observations& out) {
  constexpr std::uint8_t kEncoded = 0x04;
  packet::Cursor in(value);
  const auto flags = in.u8();
  in.skip(2);
  const auto name = in.rest();
  tell(out, "dhcp", "dhcp.fqdn", (flags & kEncoded) != 0 ? domain_text(name) : std::string(as_text(name)));
}

// RFC 3925, 4: for each enterprise its number, and options of its own, which are not looked into.
void tell_vendor_options(Bytes value, Observations& out) {
  std::string enterprises;
  packet::Cursor in(value);
  while (in.left() > 0) {
    const auto enterprise = in.u32();
    in.skip(in.u8());
    if (!in.failed()) add_word(enterprises, fmt::to_string(enterprise));
  }
  tell(out, "dhcp", "dhcp.vendor_options", enterprises);
}

void tell_client(const Options& options, Observations& out) {
  tell(out, "dhcp", "dhcp.vendor_class", options[kVendorClass]);
  tell(out, "dhcp", "dhcp.params", list_of_bytes(options.bytes(kParameters)));
  tell(out, "dhcp", "dhcp.hostname", options[kHostName]);
  tell(out, "dhcp", "dhcp.user_class", options[kUserClass]);
  tell(out, "dhcp", "dhcp.client_id", as_hex(options.bytes(kClientId)));
  if (options[kMaxSize].size() == 2) tell(out, "dhcp", "dhcp.max_size", list_of_words(options.bytes(kMaxSize)));
  tell(out, "dhcp", "dhcp.architecture", list_of_words(options.bytes(kArchitecture)));
  tell(out, "dhcp", "dhcp.mud_url", options[kMudUrl]);
  tell_client_name(options.bytes(kClientName), out);
  tell_vendor_options(options.bytes(kVendorOptions), out);
  tell_relay_agent(options.bytes(kRelayAgent), out);
}

void tell_place(const Options& options, Observations& out) {
  if (auto place = place_of_relay_agent(options.bytes(kRelayAgent))) out.push_back({.place = std::move(place)});
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
    if (type != kDiscover && type != kRequest && type != kInform) return;
    tell_client(options, out);
    tell_place(options, out);
  } else if (fixed.u8<0>() == kFromServer && side == Side::kCore && type == kAck && given != 0) {
    out.push_back({.address = Address::v4(given)});
    tell_place(options, out);
  }
  for (auto i = first; i < out.size(); ++i) out[i].about = client;
}

}  // namespace wardline::identity
