#pragma once
#include "dataplane/packet/cursor.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {

// Reads the transport header of `view.proto` from `in`, which holds the IP payload and no padding. False when it
// cannot be read. Not for fragments other than the first.
bool parse_transport(Cursor& in, PacketView& view);

// Whether TCP options (RFC 9293, 3.2) break their own form. A length below 2 or past the header stalls or crashes
// stacks that trust it; an authentication option has 4 bytes at least (RFC 5925, 2.2; CVE-2019-12260 sends it shorter).
bool options_broken(Cursor options);

// ICMP (RFC 792) or ICMPv6 (RFC 4443), as `view.v6` says.
bool parse_icmp(Cursor& in, PacketView& view);

}  // namespace wardline::packet
