// Traffic that belongs to another flow: ICMP errors about it, FTP data and TFTP transfers it announced, answers to a
// question put to a group.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

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
  const bool by_ip = policy->segments[passage.segment].identify_by_ip;  // a router on the device side speaks for others
  const bool honest = quoted.valid && quoted.source == passage.view.target;
  if (honest) {
    const auto passes = [&](const auto& table, const auto& oriented) -> std::optional<Reason> {
      const auto hash = table.hash(oriented.key);
      auto index = table.find(oriented.key, hash);
      while (!by_ip && index != flow::kNoFlow && table.hot(index).device_slot.get() != device.slot)
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
    facts.opened_by = enforce::guess_opener(*policy, facts);
    facts.guessed = true;
  } else {
    facts.app_state = AppState::kProved;
    facts.app = policy->known.icmp;
  }
  return conclude_stateless(passage, device, facts, enforce::decide(*policy, facts));
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

namespace {

std::optional<std::uint32_t> number_at(std::string_view& text, std::uint32_t limit) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > limit) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "h1,h2,h3,h4,p1,p2" (RFC 959, 4.1.2): the port alone, since the address must be the endpoint's own.
std::optional<std::uint16_t> port_of_six(std::string_view text) {
  std::array<std::uint32_t, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = number_at(text, 255);
    if (!number) return std::nullopt;
    numbers[i] = *number;
    if (i + 1 < numbers.size()) {
      if (text.empty() || text.front() != ',') return std::nullopt;
      text.remove_prefix(1);
    }
  }
  return static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5]);
}

// "|1|132.235.1.2|6275|" or "|||6446|" (RFC 2428, 2 and 3).
std::optional<std::uint16_t> port_of_bars(std::string_view text) {
  for (int bars = 0; bars < 3; ++bars) {
    const auto bar = text.find('|');
    if (bar == std::string_view::npos) return std::nullopt;
    text.remove_prefix(bar + 1);
  }
  const auto port = number_at(text, 65535);
  return port && !text.empty() && text.front() == '|' ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

// The port that a line of an FTP control channel announces for a data connection, if it does.
std::optional<std::uint16_t> announced_port(std::string_view line, bool from_client) {
  const auto after = [&](std::string_view start) { return line.substr(start.size()); };
  const auto starts = [&](std::string_view upper) {
    return line.size() > upper.size() && std::ranges::equal(line.substr(0, upper.size()), upper, [](char a, char b) {
             return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b;
           });
  };
  if (from_client) {
    if (starts("PORT ")) return port_of_six(after("PORT "));
    if (starts("EPRT ")) return port_of_bars(after("EPRT "));
    return std::nullopt;
  }
  const auto open = line.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  if (starts("227 ")) return port_of_six(line.substr(open + 1));
  if (starts("229 ")) return port_of_bars(line.substr(open + 1));
  return std::nullopt;
}

}  // namespace

bool Worker::Impl::follows(AppId app) const {
  return app != kNoApp && app == policy->known.ftp;
}

template <typename Key>
void Worker::Impl::follow(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  if (table.hot(index).verdict != static_cast<std::uint8_t>(Verdict::kAllow)) return;
  if (follows(table.cold(index).app)) follow_ftp(table, index, passage);
}

template <typename Key>
void Worker::Impl::follow_ftp(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  constexpr Tick kConnectsWithin = 60 * kSecond;
  constexpr std::size_t kLongestLine = 512;
  const auto& payload = passage.view.payload;
  if (payload.empty()) return;
  const auto& hot = table.hot(index);
  const bool device_opens = static_cast<OpenedBy>(hot.opened_by) == OpenedBy::kDevice;
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), std::min(payload.size(), kLongestLine));
  const auto port = announced_port(text, passage.from_device == device_opens);
  constexpr std::uint16_t kFirstDataPort =
      1024;  // below it a data connection is a way to another service (RFC 2577, 3)
  if (!port || *port < kFirstDataPort) return;
  const auto& cold = table.cold(index);
  flow::Expectation expectation{.segment = passage.segment,
                                .proto = packet::kProtoTcp,
                                .device = passage.device_address(),
                                .peer = passage.peer(),
                                .device_port = passage.from_device ? *port : std::uint16_t{0},
                                .peer_port = passage.from_device ? std::uint16_t{0} : *port,
                                .app = policy->known.ftp_data,
                                .rule = cold.rule,
                                .policy_epoch = policy->epoch,
                                .essential = cold.rule < policy->rules.size() && policy->rules[cold.rule].essential,
                                .once = true,
                                .parent = flow_id(table, index),
                                .expires = now + kConnectsWithin};
  counters.tally(expectations.add(expectation, now) ? Tally::kExpectationsMade : Tally::kExpectationsRefused);
}

template void Worker::Impl::follow(flow::FlowTable<flow::FlowKey4>&, flow::FlowIndex, const Passage&);
template void Worker::Impl::follow(flow::FlowTable<flow::FlowKey6>&, flow::FlowIndex, const Passage&);

}  // namespace wardline
