#pragma once
#include <memory>
#include <string>

#include "controlplane/policy/yaml_node.h"

namespace wardline::policy {

// The tree of the one document in `text`, nullptr after its first fault was reported. The events of libyaml (YAML 1.1)
// are taken as they come and none of its values is interpreted: places, quotes and keys that stand twice stay to be
// seen, and anchors or a depth beyond 64 levels are refused before they cost memory. `text` is UTF-8.
std::shared_ptr<const YamlNode> parse_tree(const std::string& text, const std::shared_ptr<YamlReport>& report);

}  // namespace wardline::policy
