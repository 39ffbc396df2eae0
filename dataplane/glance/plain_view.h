#pragma once
#include "dataplane/batch.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::glance {

// What packet::parse says of a plain frame of IPv4 or IPv6, at a fraction of its cost: whatever it asks was answered at
// the first look. Requires: the frame was told plain (Burst::plain4 or plain6).
void view_plain4(const Frame& frame, packet::PacketView& view);
void view_plain6(const Frame& frame, packet::PacketView& view);

}  // namespace wardline::glance
