#pragma once
#include <vector>

#include "tests/unit/packet_builder.h"

namespace wardline::test {

// One datagram cut into fragments: `headers` has Ethernet, IP and extension headers, `transport` is what follows them.
struct Cut {
  FrameBuilder headers;
  std::uint8_t proto;
  Bytes transport;
  std::uint16_t id = 1;

  // The bytes [from, from + length) of the transport, the last ones without "more fragments".
  Bytes piece(std::size_t from, std::size_t length) const {
    const auto begin = transport.begin() + static_cast<std::ptrdiff_t>(from);
    const Bytes part(begin, begin + static_cast<std::ptrdiff_t>(std::min(length, transport.size() - from)));
    const bool more = from + part.size() < transport.size();
    return FrameBuilder(headers)
        .proto(proto)
        .fragment(static_cast<std::uint16_t>(from), more, id)
        .payload(part)
        .bytes();
  }
  std::vector<Bytes> pieces(std::size_t each) const {
    std::vector<Bytes> all;
    for (std::size_t at = 0; at < transport.size(); at += each) all.push_back(piece(at, each));
    return all;
  }
};

// `whole` without its network header is what is cut; `headers` is the same without transport. Requires: no IPv4 options
// and no extension headers in `whole`.
inline Cut cut(const FrameBuilder& headers, const FrameBuilder& whole, std::uint8_t proto, bool v6 = false) {
  const Bytes packet = whole.packet();
  return {headers, proto, Bytes(packet.begin() + (v6 ? 40 : 20), packet.end())};
}

}  // namespace wardline::test
