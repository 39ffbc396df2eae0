#pragma once
#include "dataplane/related/announcement.h"

namespace wardline::related {

// The data connection that a line of an FTP control channel announces (RFC 959, 4.1.2; RFC 2428): PORT and EPRT of the
// client, 227 and 229 of the server. The address is left out, since it must be the endpoint's own.
Announcements read_ftp(std::span<const std::byte> payload, bool from_client);

}  // namespace wardline::related
