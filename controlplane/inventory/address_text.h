#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/address.h"

namespace wardline::inventory {

std::string text_of(const Mac& mac);          // "00:03:b1:a2:c3:d4"
std::string text_of(const Address& address);  // "10.1.2.3", "fe80::1" (RFC 5952)

std::optional<Mac> parse_mac(std::string_view text);
std::optional<Address> parse_address(std::string_view text);

}  // namespace wardline::inventory
