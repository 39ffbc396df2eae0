#include "dataplane/related/sdp.h"

#include "dataplane/related/text.h"

namespace wardline::related {
namespace {

constexpr std::size_t kMostBytes = 8192;
constexpr int kMostLines = 256;

struct Media {
  std::uint16_t port = 0, control = 0;
  bool with_control = false;
  Address address;
};

// "IN IP4 10.1.2.3/127", as in `c=` and behind the port of `a=rtcp:`.
std::optional<Address> connection(std::string_view text) {
  if (take_until(text, ' ') != "IN") return std::nullopt;
  const auto family = take_until(text, ' ');
  if (family != "IP4" && family != "IP6") return std::nullopt;
  const auto address = address_of(trimmed(take_until(text, '/')));
  if (address && address->multicast()) return std::nullopt;
  return address;
}

// "audio 49170/2 RTP/AVP 0": port 0 is a medium that was refused (RFC 3264, 6), and one over TCP is not media of ours.
Media medium(std::string_view text) {
  Media media;
  take_until(text, ' ');
  const auto port = take_number(text, 65535);
  if (!port) return media;
  take_until(text, ' ');
  const auto over = take_until(text, ' ');
  const bool rtp = over.starts_with("RTP/") || over.starts_with("UDP/TLS/RTP/");
  if (!rtp && !starts_caseless(over, "UDP")) return media;  // T.38 is "udptl"
  media.port = static_cast<std::uint16_t>(*port);
  media.with_control = rtp && *port < 65535;
  media.control = static_cast<std::uint16_t>(*port + 1);
  return media;
}

// What follows an `m=` line and is about it alone. An offer to put RTCP on the media's port may be refused (RFC 5761,
// 5.1.1), so `a=rtcp-mux` changes nothing.
void attribute(std::string_view text, Media& media) {
  if (!text.starts_with("rtcp:")) return;
  text.remove_prefix(5);
  if (const auto port = take_number(text, 65535)) media.control = static_cast<std::uint16_t>(*port);
}

void tell(const Media& media, Announcements& said) {
  if (media.port == 0) return;
  said.add({.kind = Kind::kMedia, .port = media.port, .address = media.address});
  if (media.with_control && media.control != media.port)
    said.add({.kind = Kind::kMediaControl, .port = media.control, .address = media.address});
}

}  // namespace

Announcements read_sdp(std::span<const std::byte> payload) {
  Announcements said;
  Address session;
  Media media;
  auto rest = text_of(payload, kMostBytes);
  for (int lines = 0; !rest.empty() && lines < kMostLines; ++lines) {
    const auto line = take_line(rest);
    if (line.starts_with("m=")) {
      tell(media, said);
      media = medium(line.substr(2));
      media.address = session;
    } else if (line.starts_with("c=")) {
      const auto address = connection(line.substr(2));
      (media.port != 0 ? media.address : session) = address.value_or(Address{});
    } else if (line.starts_with("a=")) {
      attribute(line.substr(2), media);
    }
  }
  tell(media, said);
  return said;
}

}  // namespace wardline::related
