#pragma once
#include "dataplane/related/announcement.h"

namespace wardline::related {

// The ports of a Transport header (RFC 2326, 12.39) that are the sender's own: `client_port` in what the client sends,
// `server_port` in the answer, there also `source=`. Interleaved, multicast and TCP transports announce nothing.
Announcements read_rtsp(std::span<const std::byte> payload, bool from_client);

}  // namespace wardline::related
