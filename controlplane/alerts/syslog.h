#pragma once
#include <string>
#include <string_view>

#include "controlplane/alerts/alert.h"
#include "controlplane/alerts/target.h"
#include "controlplane/inventory/device.h"

namespace wardline::alerts {

// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID - MSG` (RFC 5424, section 6), without a byte order mark, which most
// collectors dislike before `CEF:`; or `<PRI>Mmm dd hh:mm:ss HOSTNAME TAG: MSG` (RFC 3164, section 4.1), in UTC.
// Facility local0. Cut between two characters to what a receiver should take (RFC 5426, section 3.2).
std::string syslog_line(const Alert& alert, SyslogHeader header, std::string_view host, inventory::WallTime time);

inline constexpr std::size_t kMostSyslogBytes = 2048;

}  // namespace wardline::alerts
