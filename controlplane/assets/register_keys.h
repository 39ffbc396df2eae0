#pragma once
#include <array>
#include <string>
#include <string_view>

#include "controlplane/policy/policy.h"

namespace wardline::assets {

// The keys of a register's entry that are text, in the order in which a new entry has them.
struct TextKey {
  std::string_view key;
  std::string policy::RegisterEntry::* field;
  bool is_name;  // written without quotation marks
};
inline constexpr std::array kTextKeys{TextKey{"class", &policy::RegisterEntry::device_class, true},
                                      TextKey{"serial", &policy::RegisterEntry::serial, false},
                                      TextKey{"dhcp_client_id", &policy::RegisterEntry::dhcp_client_id, false},
                                      TextKey{"title", &policy::RegisterEntry::title, false},
                                      TextKey{"owner", &policy::RegisterEntry::owner, false},
                                      TextKey{"vendor", &policy::RegisterEntry::vendor, false},
                                      TextKey{"model", &policy::RegisterEntry::model, false},
                                      TextKey{"segment", &policy::RegisterEntry::segment, true},
                                      TextKey{"ward", &policy::RegisterEntry::ward, false},
                                      TextKey{"switch", &policy::RegisterEntry::switch_name, false},
                                      TextKey{"port", &policy::RegisterEntry::switch_port, false}};

}  // namespace wardline::assets
