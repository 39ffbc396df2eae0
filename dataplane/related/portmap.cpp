#include "dataplane/related/portmap.h"

#include "dataplane/packet/cursor.h"
#include "dataplane/related/text.h"

namespace wardline::related {
namespace {

using packet::Cursor;

constexpr std::uint32_t kCall = 0, kReply = 1, kRpcVersion = 2, kPortmapProgram = 100000;
constexpr std::uint32_t kGetPort = 3, kGetAddress = 3, kGetVersionAddress = 9;
constexpr std::size_t kLongestOpaque = 512;  // of credentials 400 (RFC 5531, 8.2)

Cursor begin(std::span<const std::byte> payload, bool stream) {
  Cursor in(payload);
  if (stream) in.skip(4);
  return in;
}

// A string or opaque with its length in front, padded to four bytes (RFC 4506, 4.10).
std::string_view take_opaque(Cursor& in) {
  const std::uint32_t length = in.u32();
  if (length > kLongestOpaque) {
    in.skip(in.left() + 1);
    return {};
  }
  const auto bytes = in.take(length);
  in.skip((4 - length % 4) % 4);
  return in.failed() ? std::string_view{} : text_of(bytes, bytes.size());
}

void skip_authentication(Cursor& in) {
  in.u32();
  take_opaque(in);
}

std::uint8_t proto_of(std::string_view network) {
  if (network == "udp" || network == "udp6") return packet::kProtoUdp;
  return network == "tcp" || network == "tcp6" ? packet::kProtoTcp : std::uint8_t{0};
}

// "10.1.2.3.3.221" or "fd00::1.3.221" (RFC 5665, 5.2.3): the port is 3 * 256 + 221.
std::optional<Announcement> universal(std::string_view text) {
  const auto low_dot = text.rfind('.');
  if (low_dot == std::string_view::npos || low_dot == 0) return std::nullopt;
  const auto high_dot = text.rfind('.', low_dot - 1);
  if (high_dot == std::string_view::npos) return std::nullopt;
  auto high_text = text.substr(high_dot + 1, low_dot - high_dot - 1), low_text = text.substr(low_dot + 1);
  const auto high = take_number(high_text, 255), low = take_number(low_text, 255);
  const auto address = address_of(text.substr(0, high_dot));
  if (!high || !low || !high_text.empty() || !low_text.empty() || !address) return std::nullopt;
  return Announcement{
      .kind = Kind::kService, .port = static_cast<std::uint16_t>(*high << 8 | *low), .address = *address};
}

}  // namespace

std::optional<PortmapCall> read_portmap_call(std::span<const std::byte> payload, bool stream) {
  Cursor in = begin(payload, stream);
  const auto head = in.take<24>();
  if (in.failed() || head.u32<4>() != kCall || head.u32<8>() != kRpcVersion || head.u32<12>() != kPortmapProgram)
    return std::nullopt;
  const auto version = head.u32<16>(), procedure = head.u32<20>();
  skip_authentication(in);  // credentials
  skip_authentication(in);  // verifier
  in.skip(8);               // program and version
  PortmapCall call{.xid = head.u32<0>(), .version = static_cast<std::uint8_t>(version)};
  if (version == 2 && procedure == kGetPort) {
    const auto proto = in.u32();
    if (proto == packet::kProtoTcp || proto == packet::kProtoUdp) call.proto = static_cast<std::uint8_t>(proto);
  } else if ((version == 3 && procedure == kGetAddress) ||
             (version == 4 && (procedure == kGetAddress || procedure == kGetVersionAddress))) {
    call.proto = proto_of(take_opaque(in));
  }
  return in.failed() || call.proto == 0 ? std::nullopt : std::optional(call);
}

std::optional<std::uint32_t> read_reply_number(std::span<const std::byte> payload, bool stream) {
  Cursor in = begin(payload, stream);
  const auto head = in.take<8>();
  return in.failed() || head.u32<4>() != kReply ? std::nullopt : std::optional(head.u32<0>());
}

Announcements read_portmap_reply(std::span<const std::byte> payload, bool stream, const PortmapCall& call) {
  Announcements said;
  Cursor in = begin(payload, stream);
  in.skip(8);
  const auto refused = in.u32();
  skip_authentication(in);
  const auto failed = in.u32();
  if (in.failed() || refused != 0 || failed != 0) return said;
  if (call.version == 2) {
    const auto port = in.u32();
    if (!in.failed() && port <= 65535)
      said.add({.kind = Kind::kService, .proto = call.proto, .port = static_cast<std::uint16_t>(port)});
  } else if (auto place = universal(take_opaque(in)); place && !in.failed()) {
    place->proto = call.proto;
    said.add(*place);
  }
  return said;
}

PortmapCalls::Asked& PortmapCalls::place_of(std::uint64_t flow, std::uint32_t xid) {
  return asked_[((flow ^ xid) * 0x9e3779b97f4a7c15 >> 32) % asked_.size()];
}

void PortmapCalls::ask(std::uint64_t flow, const PortmapCall& call, Tick now) {
  place_of(flow, call.xid) = {flow, call, now + 10 * kSecond};
}

std::optional<PortmapCall> PortmapCalls::answered(std::uint64_t flow, std::uint32_t xid, Tick now) {
  auto& asked = place_of(flow, xid);
  if (asked.flow != flow || asked.call.xid != xid || asked.expires <= now) return std::nullopt;
  asked.expires = 0;
  return asked.call;
}

}  // namespace wardline::related
