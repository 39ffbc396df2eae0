#pragma once
#include "dataplane/related/announcement.h"

namespace wardline::related {

// Transport addresses in a message of H.225 (call signalling, Q.931 in TPKT) or H.245: `own`, the sender's IPv4
// address, with a port behind it. Both protocols are ASN.1 in packed encoding, in which an IPv4 transport address is
// the choice number 0, four aligned bytes and two (H.225.0 and H.245, TransportAddress); only the sender's own address
// is looked for, so that no other bytes are taken for one. In call signalling the port may be H.245's, over TCP, or
// media's of a fast start; in H.245 it is media's.
Announcements read_h323(std::span<const std::byte> payload, const Address& own);

}  // namespace wardline::related
