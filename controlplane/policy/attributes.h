#pragma once
#include <span>
#include <string_view>

#include "controlplane/policy/policy.h"

namespace wardline::policy {

// An attribute that evidence rules may name. One table for the check, for the observers' tests and for the manual.
struct Attribute {
  std::string_view name;
  EvidenceGroup group;
  std::string_view meaning;
};

std::span<const Attribute> attributes();

}  // namespace wardline::policy
