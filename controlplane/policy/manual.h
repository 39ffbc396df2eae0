#pragma once
#include <string>

#include "controlplane/policy/policy.h"

namespace wardline::policy {

// Tables of what a policy knows, in Markdown, for docs/detections.md and docs/applications.md.
std::string manual_of_detections(const Policy& policy);
std::string manual_of_applications(const Policy& policy);

}  // namespace wardline::policy
