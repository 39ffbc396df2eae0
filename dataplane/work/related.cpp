// Traffic that belongs to another flow: ICMP errors about it, the answer to a TFTP request, answers to a question put
// to a group. What a flow announces in its payload: follow.cpp.
#include <algorithm>
#include <optional>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::Verdict;
using flow::OpenedBy;

// An ICMP error is judged by the flow it quotes. The quoted packet went the other way: its source is this frame's
// target. Where that flow is not known here, by the rules on the quoted 5-tuple.
Reason Worker::Impl::judge_icmp_error(Passage& passage) {
  const auto& quoted = passage.view.quoted;
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !device.identified()) announce_device(passage);
  FlowFacts facts = facts_of(passage, device, kNoSlot);
  // An error goes to who sent the quoted packet (RFC 1122, 3.2.2), and a device tells of packets that it got itself.
  // One that goes elsewhere only carries a quotation, and is judged as what it is.
  const bool routed = by_ip(passage.segment);  // a router on the device side speaks for others
  const bool honest = quoted.valid && quoted.source == passage.view.target;
  if (honest) {
    const auto passes = [&](const auto& table, const auto& oriented) -> std::optional<Reason> {
      const auto hash = table.hash(oriented.key);
      auto index = table.find(oriented.key, hash);
      while (!routed && index != flow::kNoFlow && table.hot(index).device_slot.get() != device.slot)
        index = table.find_next(oriented.key, hash, index);
      if (index == flow::kNoFlow) return std::nullopt;
      const auto& hot = table.hot(index);
      return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
    };
    const Side quoted_side = other(passage.frame->side);
    const auto known =
        passage.view.v6 ? passes(flows6, flow::orient6(passage.segment, quoted.source, quoted.source_port,
                                                       quoted.target, quoted.target_port, quoted.proto, quoted_side))
                        : passes(flows4, flow::orient4(passage.segment, quoted.source, quoted.source_port,
                                                       quoted.target, quoted.target_port, quoted.proto, quoted_side));
    if (known && device.word.quarantine == enforce::Profile::kNone) return *known;
    const bool device_sent = !passage.from_device;  // the quoted packet
    facts.device_address = device_sent ? quoted.source : quoted.target;
    facts.peer = device_sent ? quoted.target : quoted.source;
    facts.device_port = device_sent ? quoted.source_port : quoted.target_port;
    facts.peer_port = device_sent ? quoted.target_port : quoted.source_port;
    facts.proto = quoted.proto;
    facts.peer_sets = policy->addresses.find(facts.peer);
    facts.app_state = quoted.proto == packet::kProtoIcmp || quoted.proto == packet::kProtoIcmp6 ? AppState::kProved
                                                                                                : AppState::kMidstream;
    facts.app = facts.app_state == AppState::kProved ? policy->known.icmp : kNoApp;
    facts.opened_by = decisions.guess_opener(*policy, facts);
    facts.guessed = true;
  } else {
    facts.app_state = AppState::kProved;
    facts.app = policy->known.icmp;
  }
  return conclude_stateless(passage, device, facts, decisions.decide(*policy, facts));
}

void Worker::Impl::expect_answers(const Passage& passage, RuleId rule, bool essential) {
  constexpr Tick kAnswersWithin = 10 * kSecond;  // SSDP lets answers wait up to 5 s (UPnP 2.0, 1.3.2)
  if (passage.view.source.unspecified() || !passage.view.target_mac.group()) return;
  flow::Expectation expectation{.segment = passage.segment,
                                .proto = packet::kProtoUdp,
                                .peer_any = true,
                                .device = passage.device_address(),
                                .peer = {},
                                .device_port = passage.device_port(),
                                .rule = rule,
                                .policy_epoch = policy->epoch,
                                .essential = essential,
                                .expires = now + kAnswersWithin};
  counters.tally(expectations.add(expectation, now) ? Tally::kExpectationsMade : Tally::kExpectationsRefused);
}

// A TFTP server answers from a new port to the port that asked (RFC 1350, 4).
void Worker::Impl::expect_tftp(const Passage& passage, OpenedBy opened_by, RuleId rule, bool essential,
                               std::uint64_t parent) {
  constexpr Tick kAnswersWithin = 10 * kSecond;
  const bool device_asks = opened_by == OpenedBy::kDevice;
  flow::Expectation expectation{.segment = passage.segment,
                                .proto = packet::kProtoUdp,
                                .device = passage.device_address(),
                                .peer = passage.peer(),
                                .device_port = device_asks ? passage.device_port() : std::uint16_t{0},
                                .peer_port = device_asks ? std::uint16_t{0} : passage.peer_port(),
                                .app = policy->known.tftp,
                                .rule = rule,
                                .policy_epoch = policy->epoch,
                                .essential = essential,
                                .once = true,
                                .parent = parent,
                                .expires = now + kAnswersWithin};
  counters.tally(expectations.add(expectation, now) ? Tally::kExpectationsMade : Tally::kExpectationsRefused);
}

}  // namespace wardline
