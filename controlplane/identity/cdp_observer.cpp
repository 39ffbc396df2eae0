#include <fmt/format.h>

#include <algorithm>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// Types of Cisco's discovery protocol, versions 1 and 2, which have no public standard.
constexpr std::uint16_t kDeviceId = 1, kPort = 3, kCapabilities = 4, kSoftware = 5, kPlatform = 6, kNativeVlan = 10;
constexpr std::string_view kSnap{"\xaa\xaa\x03\x00\x00\x0c\x20\x00", 8};  // Cisco's prefix, CDP
constexpr std::uint16_t kFieldHead = 4;                                   // type and length, which counts both
constexpr int kMaxFields = 128;

struct Name {
  std::uint16_t type;
  std::string_view attribute;
};
constexpr Name kNames[] = {
    {kDeviceId, "cdp.name"}, {kPort, "cdp.port"}, {kSoftware, "cdp.software"}, {kPlatform, "cdp.model"}};

struct Capability {
  std::uint32_t bit;
  std::string_view word;  // as LLDP's
};
constexpr Capability kCapabilityWords[] = {{0x01, "router"},  {0x02, "bridge"},   {0x08, "bridge"},
                                           {0x10, "station"}, {0x40, "repeater"}, {0x80, "telephone"}};

void tell_capabilities(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto enabled = in.u32();
  std::string words;
  for (const auto& [bit, word] : kCapabilityWords)
    if (!in.failed() && (enabled & bit) != 0 && !words.ends_with(word)) add_word(words, word);
  tell(out, "cdp", "cdp.capabilities", words);
}

void tell_vlan(Bytes value, Observations& out) {
  packet::Cursor in(value);
  const auto vlan = in.u16();
  if (!in.failed() && vlan != 0) tell(out, "cdp", "cdp.vlan", fmt::to_string(vlan));
}

void tell_field(std::uint16_t type, Bytes value, Observations& out) {
  if (type == kCapabilities) return tell_capabilities(value, out);
  if (type == kNativeVlan) return tell_vlan(value, out);
  const auto known = std::ranges::find(kNames, type, &Name::type);
  if (known == std::end(kNames)) return;
  const auto text = as_text(value);
  // The software's description goes on with who compiled it.
  tell(out, "cdp", known->attribute, text.substr(0, text.find_first_of("\r\n")));
}

}  // namespace

void observe_cdp(Bytes payload, Observations& out) {
  packet::Cursor in(payload);
  const auto snap = in.take(kSnap.size());
  in.skip(4);  // version, time to live, checksum
  if (in.failed() || as_text(snap) != kSnap) return;
  for (int i = 0; i < kMaxFields && in.left() >= kFieldHead; ++i) {
    const auto type = in.u16(), length = in.u16();
    if (length < kFieldHead) return;
    const auto value = in.take(length - kFieldHead);
    if (in.failed()) return;
    tell_field(type, value, out);
  }
}

}  // namespace wardline::identity
