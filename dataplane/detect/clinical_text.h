#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/address.h"

namespace wardline::detect {

// Whether an address is one of the internet's: no private, shared, link-local, loopback or group address (RFC 1918,
// 6598, 3927, 4193, 4291, 1122, 5771).
bool is_public(const Address& address);
bool is_public_v4(std::uint32_t host_order);

// What of a patient stands in these bytes in clear text, as a word for a record ("HL7 PID", "DICOM name", "FHIR
// Patient"); empty: nothing known. The text itself is never kept.
std::string_view patient_data_in(std::span<const std::byte> payload);

}  // namespace wardline::detect
