#include <fmt/format.h>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kTcpHeader = 20, kMaxOptions = 24;

// TCP options (RFC 9293 3.2, RFC 7323, RFC 2018) in their order, and what they say.
struct Options {
  std::string layout;
  std::uint16_t mss = 0;
  std::uint8_t scale = 0;
  bool own_time_zero = false;

  void name(std::string_view text) { layout += (layout.empty() ? "" : ",") + std::string(text); }
  void read(packet::Cursor in);
  bool read_one(std::uint8_t kind, packet::Cursor& in);
};

bool Options::read_one(std::uint8_t kind, packet::Cursor& in) {
  const auto length = in.u8();
  if (in.failed() || length < 2) return false;
  packet::Cursor value(in.take(length - 2U));
  if (in.failed()) return false;
  switch (kind) {
    case 2:
      mss = value.u16();
      name("mss");
      break;
    case 3:
      scale = value.u8();
      name("ws");
      break;
    case 4:
      name("sok");
      break;
    case 8:
      own_time_zero = value.u32() == 0;
      name("ts");
      break;
    default:
      name(fmt::format("?{}", kind));
  }
  return true;
}

void Options::read(packet::Cursor in) {
  for (std::size_t i = 0; i < kMaxOptions && in.left() > 0; ++i) {
    const auto kind = in.u8();
    if (kind == 0) return name(fmt::format("eol+{}", in.left()));
    if (kind == 1)
      name("nop");
    else if (!read_one(kind, in))
      return;
  }
}

// What the sender began with: hosts start at one of four values, and a hospital's network is not thirty hops wide.
int initial_hops(std::uint8_t left) {
  return left <= 32 ? 32 : left <= 64 ? 64 : left <= 128 ? 128 : 255;
}

std::string window_text(std::uint16_t window, std::uint16_t mss) {
  const bool multiple = mss != 0 && window != 0 && window % mss == 0;
  return multiple ? fmt::format("mss*{}", window / mss) : std::to_string(window);
}

}  // namespace

void observe_syn(Bytes frame, const packet::PacketView& view, Observations& out) {
  if (view.v6 || view.l4 != packet::L4::kTcp || view.fragment) return;
  if ((view.tcp_flags & (packet::kSyn | packet::kAck)) != packet::kSyn) return;
  packet::Cursor in(frame.subspan(std::min<std::size_t>(view.network_offset, frame.size())));
  const auto ip = in.take<20>();
  if (in.failed()) return;
  const std::size_t ip_options = (ip.u8<0>() & 0xfU) * 4U - 20U;
  in.take(ip_options);
  const auto tcp = in.take<kTcpHeader>();
  if (in.failed()) return;
  Options options;
  options.read(packet::Cursor(in.take((tcp.u8<12>() >> 4U) * 4U - kTcpHeader)));
  if (in.failed()) return;
  const bool whole = (ip.u16<6>() & 0x4000U) != 0, numbered = ip.u16<4>() != 0;
  std::string quirks = whole ? (numbered ? "df,id+" : "df") : (numbered ? "" : "id-");
  if (options.own_time_zero) quirks += quirks.empty() ? "ts1-" : ",ts1-";
  tell(out, "stack", "tcp.syn",
       fmt::format("4:{}:{}:{}:{},{}:{}:{}:{}", initial_hops(view.hop_limit), ip_options, options.mss,
                   window_text(view.tcp_window, options.mss), options.scale, options.layout, quirks,
                   view.payload.empty() ? "0" : "+"));
  if (const int away = initial_hops(view.hop_limit) - view.hop_limit; away != 0)
    tell(out, "stack", "tcp.distance", std::to_string(away));
}

}  // namespace wardline::identity
