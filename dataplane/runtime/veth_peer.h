#pragma once
#include <optional>
#include <string>

namespace wardline::runtime {

// The other end of a veth, when it is in this network namespace. Only netlink tells that for certain: the number alone
// may be that of another interface here while the end is elsewhere.
std::optional<std::string> peer_of_veth(const std::string& name);

}  // namespace wardline::runtime
