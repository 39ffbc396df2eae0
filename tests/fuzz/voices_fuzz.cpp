// What a device says, from the frame of an opening or the text of a client to the voice that it is taken for.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "controlplane/findings/voices.h"
#include "controlplane/identity/observers.h"

namespace {

using namespace wardline;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> frame(bytes.begin(), bytes.end());
  identity::Observations said;
  identity::observe_syn(frame, packet::parse(frame), said);
  for (const auto* attribute : {"tcp.syn", "tcp.distance", "dhcp.vendor_class", "http.user_agent"})
    identity::tell(said, "fuzz", attribute, identity::as_text(frame));
  for (const auto& voice : findings::voices_of(said))
    if (voice.what.empty() || voice.heard.empty()) std::abort();
  findings::boots(identity::as_text(frame));
  return 0;
}
