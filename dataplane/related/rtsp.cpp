#include "dataplane/related/rtsp.h"

#include "dataplane/related/text.h"

namespace wardline::related {
namespace {

constexpr std::size_t kMostBytes = 8192;
constexpr int kMostLines = 128, kMostTransports = 8, kMostParameters = 24;

// "RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257;source=10.1.2.3"
void read_transport(std::string_view transport, bool from_client, Announcements& said) {
  std::uint16_t first = 0, second = 0;
  Address address;
  for (int i = 0; !transport.empty() && i < kMostParameters; ++i) {
    auto parameter = trimmed(take_until(transport, ';'));
    if (i == 0 && parameter.ends_with("/TCP")) return;
    if (parameter == "multicast" || parameter.starts_with("interleaved=")) return;
    const auto name = take_until(parameter, '=');
    if (name == (from_client ? "client_port" : "server_port")) {
      first = static_cast<std::uint16_t>(take_number(parameter, 65535).value_or(0));
      if (parameter.starts_with('-')) {
        parameter.remove_prefix(1);
        second = static_cast<std::uint16_t>(take_number(parameter, 65535).value_or(0));
      }
    } else if (name == "source" && !from_client) {
      address = address_of(parameter).value_or(Address{});
    }
  }
  said.add({.kind = Kind::kMedia, .port = first, .address = address});
  said.add({.kind = Kind::kMediaControl, .port = second, .address = address});
}

}  // namespace

Announcements read_rtsp(std::span<const std::byte> payload, bool from_client) {
  Announcements said;
  auto rest = text_of(payload, kMostBytes);
  for (int lines = 0; !rest.empty() && lines < kMostLines; ++lines) {
    auto line = take_line(rest);
    if (!starts_caseless(line, "TRANSPORT:")) continue;
    line.remove_prefix(10);
    for (int i = 0; !line.empty() && i < kMostTransports; ++i)
      read_transport(trimmed(take_until(line, ',')), from_client, said);
  }
  return said;
}

}  // namespace wardline::related
