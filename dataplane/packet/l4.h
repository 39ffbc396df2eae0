#pragma once
#include "dataplane/packet/cursor.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {

// Reads the transport header of `view.proto` from `in`, which holds the IP payload and no padding. False when it
// cannot be read. Not for fragments other than the first.
bool parse_transport(Cursor& in, PacketView& view);

// ICMP (RFC 792) or ICMPv6 (RFC 4443), as `view.v6` says.
bool parse_icmp(Cursor& in, PacketView& view);

}  // namespace wardline::packet
