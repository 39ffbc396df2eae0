#pragma once
#include "dataplane/related/announcement.h"

namespace wardline::related {

// Where the sender of a session description (RFC 8866) wants its media: the `m=` lines that go over UDP, at the address
// of their `c=` line, and RTCP at the next port or where `a=rtcp:` says (RFC 3605). Reads what lies in this payload; a
// description may begin in the middle.
Announcements read_sdp(std::span<const std::byte> payload);

}  // namespace wardline::related
