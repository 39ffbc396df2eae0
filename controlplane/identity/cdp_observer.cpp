#include <algorithm>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// Types of Cisco's discovery protocol, versions 1 and 2, which have no public standard.
constexpr std::uint16_t kDeviceId = 1, kPort = 3, kSoftware = 5, kPlatform = 6;
constexpr std::string_view kSnap{"\xaa\xaa\x03\x00\x00\x0c\x20\x00", 8};  // Cisco's prefix, CDP
constexpr std::uint16_t kFieldHead = 4;                                   // type and length, which counts both
constexpr int kMaxFields = 128;

struct Name {
  std::uint16_t type;
  std::string_view attribute;
};
constexpr Name kNames[] = {
    {kDeviceId, "cdp.name"}, {kPort, "cdp.port"}, {kSoftware, "cdp.software"}, {kPlatform, "cdp.model"}};

}  // namespace

void observe_cdp(Bytes payload, Observations& out) {
  packet::Cursor in(payload);
  const auto snap = in.take(kSnap.size());
  in.skip(4);  // version, time to live, checksum
  if (in.failed() || as_text(snap) != kSnap) return;
  for (int i = 0; i < kMaxFields && in.left() >= kFieldHead; ++i) {
    const auto type = in.u16(), length = in.u16();
    if (length < kFieldHead) return;
    const auto value = as_text(in.take(length - kFieldHead));
    if (in.failed()) return;
    const auto known = std::ranges::find(kNames, type, &Name::type);
    if (known == std::end(kNames)) continue;
    // The software's description goes on with who compiled it.
    tell(out, "cdp", known->attribute, value.substr(0, value.find_first_of("\r\n")));
  }
}

}  // namespace wardline::identity
