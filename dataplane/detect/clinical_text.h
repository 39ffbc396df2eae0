#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/address.h"

namespace wardline::detect {

// Whether an address is one of the internet's: no private, shared, link-local, loopback or group address (RFC 1918,
// 6598, 3927, 4193, 4291, 1122, 5771).
inline bool is_public_v4(std::uint32_t host_order) {
  const auto in = [&](std::uint32_t network, int bits) { return host_order >> (32 - bits) == network >> (32 - bits); };
  return !(in(0x00000000, 8) || in(0x0a000000, 8) || in(0x64400000, 10) || in(0x7f000000, 8) || in(0xa9fe0000, 16) ||
           in(0xac100000, 12) || in(0xc0a80000, 16) || in(0xc6120000, 15) || in(0xe0000000, 3));
}
inline bool is_public(const Address& address) {
  if (address.is_v4()) return is_public_v4(address.v4_host_order());
  return (address.bytes[0] & 0xe0) == 0x20;  // RFC 4291, 2.4: global unicast as given out so far
}

// What of a patient stands in these bytes in clear text, as a word for a record ("HL7 PID", "DICOM name", "FHIR
// Patient"); empty: nothing known. The text itself is never kept.
std::string_view patient_data_in(std::span<const std::byte> payload);

}  // namespace wardline::detect
