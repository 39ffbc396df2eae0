#pragma once
#include <cstdint>
#include <string>

namespace wardline::alerts {

// RFC 5424 is the default; many CEF readers expect the older header of RFC 3164.
enum class SyslogHeader : std::uint8_t { kRfc5424, kRfc3164 };

// Where alerts go: CEF in syslog over UDP (RFC 5426).
struct Target {
  std::string host;  // a name or an address; looked up once, at start
  std::uint16_t port = 514;
  SyslogHeader header = SyslogHeader::kRfc5424;
};

}  // namespace wardline::alerts
