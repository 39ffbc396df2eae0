// tests/*.yaml: what the rules must say to a flow.
#include <fmt/format.h>

#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

Word read_word(const YamlValue& value) {
  return {value.as_text(64).value_or(""), value.at()};
}

void read_flow(YamlMap& map, ExpectationDraft& flow) {
  const auto to = map.get("opens_to"), from = map.get("accepts_from");
  if (to && from) from.error("policy.peer", "expected either 'opens_to' or 'accepts_from', found both");
  flow.opens = to ? enforce::Opens::kDevice : enforce::Opens::kPeer;
  flow.peer = read_word(to ? to : from ? from : map.require("opens_to"));
  flow.app = read_word(map.require("app"));
  const auto proto = map.get("proto");
  if (const auto word = proto.as_name()) {
    flow.proto = parse_proto(*word).value_or(0);
    if (flow.proto == 0)
      proto.error("policy.proto", fmt::format("'{}' is no protocol known here; expected tcp, udp ...", *word));
  }
  flow.port = static_cast<std::uint16_t>(map.get("port").as_number(1, 65535, "port").value_or(0));
}

}  // namespace

void read_expectations(const YamlValue& root, std::vector<ExpectationDraft>& into) {
  auto top = root.as_map();
  if (!top) return;
  const auto list = top->require("tests").as_list();
  top->finish();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    ExpectationDraft flow;
    flow.at = map->at();
    flow.name = map->require("name").as_text(128).value_or("");
    flow.device_class = read_word(map->require("class"));
    if (const auto segment = map->get("segment")) flow.segment = read_word(segment);
    read_flow(*map, flow);
    if (const auto profile = map->get("quarantine").as_word({"none", "contain", "isolate", "cut-off"}))
      flow.quarantine = static_cast<enforce::Profile>(*profile);
    if (const auto expected = map->require("expect").as_word({"allowed", "blocked", "alerted"}))
      flow.expected = static_cast<ExpectationDraft::Outcome>(*expected);
    map->finish();
    into.push_back(std::move(flow));
  }
}

}  // namespace wardline::policy
