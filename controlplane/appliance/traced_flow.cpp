#include "controlplane/appliance/traced_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "controlplane/appliance/request.h"
#include "dataplane/reason.h"

namespace wardline::appliance {

namespace {

void read_decision(TracedFlow& flow, const Json& record) {
  flow.mode = text_in(record, "mode");
  flow.app = text_in(record, "app");
  flow.verdict = text_in(record, "verdict");
  flow.applied = text_in(record, "applied");
  flow.rule = text_in(record, "rule");
  flow.rule_at = text_in(record, "rule_at");
  flow.step = text_in(record, "step");
  flow.reason = text_in(record, "reason");
  flow.policy_hash = text_in(record, "policy_hash");
  flow.policy_commit = text_in(record, "policy_commit");
  flow.explanation = text_in(record, "explanation");
}

void read_counts(TracedFlow& flow, const Json& record) {
  const bool from_peer = flow.opened_by == "peer";
  flow.counted = true;
  const auto final = record.find("final");
  flow.open = final != record.end() && *final == false;
  flow.flows = std::max<std::uint64_t>(number_in(record, "flows", 0), 1);
  flow.app_state = text_in(record, "app_state");
  flow.packets_there = number_in(record, from_peer ? "packets_to_device" : "packets_from_device", 0);
  flow.packets_back = number_in(record, from_peer ? "packets_from_device" : "packets_to_device", 0);
}

// A later report of packets says what is so now; violations only add up.
void merge(TracedFlow& known, TracedFlow& one) {
  const auto first = std::min(known.first, one.first), last = std::max(known.last, one.last);
  const auto blocked = known.blocked + one.blocked;
  auto reason =
      one.blocked != 0 && (known.blocked == 0 || one.last >= known.last) ? one.blocked_reason : known.blocked_reason;
  const bool takes_over = one.counted == known.counted ? one.last >= known.last : one.counted;
  const bool ended = (known.counted && !known.open) || (one.counted && !one.open);
  if (takes_over) std::swap(known, one);
  if (known.bundle.empty()) known.bundle = one.bundle;
  known.first = first;
  known.last = last;
  known.blocked = blocked;
  known.blocked_reason = std::move(reason);
  if (ended) known.open = false;
}

std::string packets(std::uint64_t count) {
  return fmt::format("{} packet{}", count, count == 1 ? "" : "s");
}

std::string_view help_of(std::string_view reason) {
  const auto found = std::ranges::find(kReasons, reason, &ReasonText::name);
  return found == kReasons.end() ? reason : found->help;
}

std::string service(const TracedFlow& flow) {
  auto text = flow.server_port == 0 ? flow.proto : fmt::format("{} {}", flow.proto, flow.server_port);
  return flow.flows == 1 ? text : text + fmt::format(" in {} flows", flow.flows);
}

std::string way(const TracedFlow& flow) {
  return fmt::format("from {} to {} on {}", flow.client_ip, flow.server_ip, service(flow));
}

// What came back of what was let through.
std::string answer(const TracedFlow& flow) {
  const auto so_far = flow.open ? fmt::format(" up to {} UTC", flow.last.substr(11, 8)) : "";
  if (flow.packets_back == 0) return fmt::format("no answer came{}", so_far);
  auto text = fmt::format("{} came back{}", packets(flow.packets_back), so_far);
  if (flow.proto == "tcp" && flow.app_state == "unknown")
    text += fmt::format("; nothing was said, so {} may have refused it", flow.server_ip);
  return text;
}

std::string forwarded(const TracedFlow& flow) {
  return fmt::format("{} {} {}", flow.lost.empty() ? "forwarded" : "let through", packets(flow.packets_there),
                     way(flow));
}

Outcome dropped(const TracedFlow& flow) {
  const auto count = flow.counted ? flow.packets_there + flow.packets_back : flow.blocked;
  return {"dropped", fmt::format("Wardline dropped it: {} {}; {}", packets(std::max<std::uint64_t>(count, 1)),
                                 way(flow), help_of(flow.reason))};
}

Outcome would_block(const TracedFlow& flow) {
  const auto what = flow.counted ? fmt::format("{}, {}", forwarded(flow), answer(flow))
                                 : fmt::format("what came {} was let through", way(flow));
  if (flow.mode == "monitor")
    return {"would_block", fmt::format("monitor mode: would have been blocked ({}); {}", help_of(flow.reason), what)};
  return {"would_block", fmt::format("told, not blocked (the flow is essential, or its class only alerts): {}; {}",
                                     help_of(flow.reason), what)};
}

}  // namespace

std::optional<TracedFlow> read_traced(std::string_view text) {
  const auto record = Json::parse(text, nullptr, false);
  if (!record.is_object()) return std::nullopt;
  const auto type = text_in(record, "type"), id = text_in(record, "id");
  if (type != "flow" && type != "violation") return std::nullopt;
  TracedFlow flow;
  flow.first = text_in(record, "time");
  flow.last = type == "flow" ? text_in(record, "end") : flow.first;
  flow.device_id = text_in(record, "device_id");
  flow.segment = text_in(record, "segment");
  flow.opened_by = text_in(record, "opened_by");
  flow.proto = text_in(record, "proto");
  flow.client_ip = text_in(record, "client_ip");
  flow.server_ip = text_in(record, "server_ip");
  flow.client_port = static_cast<std::uint16_t>(number_in(record, "client_port", 0));
  flow.server_port = static_cast<std::uint16_t>(number_in(record, "server_port", 0));
  read_decision(flow, record);
  const auto flow_id = text_in(record, "flow_id");
  flow.id = type == "flow" || flow_id.empty() ? id : flow_id;
  if (type == "flow") {
    read_counts(flow, record);
  } else {
    flow.open = !flow_id.empty();
    if (flow.applied == "dropped") {
      flow.blocked = number_in(record, "count", 0);
      flow.blocked_reason = flow.reason;
    }
  }
  return flow;
}

void TracedFlows::add(TracedFlow one) {
  const auto [known, fresh] = by_id_.try_emplace(one.id, one);
  if (!fresh) merge(known->second, one);
}

std::vector<TracedFlow> TracedFlows::newest_first() const {
  std::vector<TracedFlow> list;
  for (const auto& [id, flow] : by_id_) list.push_back(flow);
  std::ranges::stable_sort(list, std::ranges::greater{}, &TracedFlow::last);
  return list;
}

namespace {

// "not Wardline" is said of what left by a leg that lost nothing meanwhile.
Outcome let_through(const TracedFlow& flow) {
  const bool perhaps_lost = !flow.lost.empty();
  const auto* begin = perhaps_lost ? "perhaps lost here: " : "not Wardline: ";
  if (flow.packets_there == 0)
    return {perhaps_lost ? "may_be_lost" : "one_sided",
            fmt::format("{}only answers crossed, {} from {} to {} on {}; what they answer goes another way{}", begin,
                        packets(flow.packets_back), flow.server_ip, flow.client_ip, service(flow),
                        perhaps_lost ? ", or was lost before it was judged" : "")};
  auto sentence =
      fmt::format("{}{}, {}", perhaps_lost && flow.packets_back != 0 ? "" : begin, forwarded(flow), answer(flow));
  if (flow.blocked != 0)
    sentence += fmt::format("; but {} of its packets {} dropped: {}", flow.blocked, flow.blocked == 1 ? "was" : "were",
                            help_of(flow.blocked_reason));
  return {flow.packets_back != 0 ? "answered" : perhaps_lost ? "may_be_lost" : "unanswered", std::move(sentence)};
}

Outcome became_of(const TracedFlow& flow) {
  if (flow.applied == "dropped") return dropped(flow);
  auto outcome = flow.verdict == "allow" ? let_through(flow) : would_block(flow);
  if (!flow.lost.empty()) outcome.sentence += fmt::format("; {}: its own may be among them", text_of(flow.lost));
  if (!flow.lost_known) outcome.sentence += "; what the legs lost when it began is not known any more";
  return outcome;
}

}  // namespace

// An answer of last week must not be taken for one of now.
Outcome outcome_of(const TracedFlow& flow) {
  auto outcome = became_of(flow);
  if (flow.first.size() >= 19)
    outcome.sentence += fmt::format(" (began {} {} UTC)", flow.first.substr(0, 10), flow.first.substr(11, 8));
  return outcome;
}

}  // namespace wardline::appliance
