#pragma once
#include "controlplane/policy/draft.h"

// Parts of site.yaml that have files of their own.
namespace wardline::policy {

void read_segments(const YamlValue& list, SiteDraft& site);
void read_limits(YamlMap& site_map, SiteDraft& site);  // on_failure, undecided, undecided_limit, timeouts

}  // namespace wardline::policy
