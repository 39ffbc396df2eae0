// Flows that announce others: what they say becomes expectations, which give the announced flows their rule.
#include <array>

#include "dataplane/related/ftp.h"
#include "dataplane/related/h323.h"
#include "dataplane/related/rtsp.h"
#include "dataplane/related/sdp.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::FlowFacts;
using enforce::Verdict;
using flow::Expectation;
using related::Announcement;
using related::Announcements;
using related::Kind;

namespace {

// What an announcement of this kind may ask for. Below port 1024 a data or media connection is a way to another service
// (RFC 2577, 3); RPC programs are given ports from 600 on (bindresvport). A call may ring for minutes before it is
// answered and its media begin (RFC 3261, 16.6: timer C is over three).
struct Terms {
  std::uint16_t lowest_port;
  Tick lasts;
  bool once;  // one flow, then it is used up
};
Terms terms_of(Kind kind) {
  switch (kind) {
    case Kind::kFtpData:
      return {1024, 60 * kSecond, true};
    case Kind::kMedia:
    case Kind::kMediaControl:
      return {1024, 240 * kSecond, false};
    case Kind::kCallControl:
      return {1024, 60 * kSecond, true};
    case Kind::kService:
      return {600, 60 * kSecond, false};
  }
  return {65535, 0, true};
}

AppId app_of(Kind kind, const enforce::KnownApps& known) {
  switch (kind) {
    case Kind::kFtpData:
      return known.ftp_data;
    case Kind::kMedia:
      return known.rtp;
    case Kind::kMediaControl:
      return known.rtcp;
    case Kind::kCallControl:
      return known.h323;
    case Kind::kService:
      return known.rpc;
  }
  return kNoApp;
}

}  // namespace

template <typename Key>
void Worker::Impl::follow(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const AppId app = table.cold(index).app;
  const auto& payload = passage.view.payload;
  if (hot.verdict != static_cast<std::uint8_t>(Verdict::kAllow) || payload.empty() || !follows(app)) return;
  const auto& known = policy->known;
  const bool stream = passage.view.proto == packet::kProtoTcp;
  const bool from_client =
      passage.from_device == (static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice);
  Announcements said;
  if (app == known.ftp) {
    said = related::read_ftp(payload, from_client);
  } else if (app == known.sip) {
    said = related::read_sdp(payload);
  } else if (app == known.rtsp) {
    said = related::read_rtsp(payload, from_client);
  } else if (app == known.h323) {
    if (stream) said = related::read_h323(payload, passage.view.source);
  } else if (from_client) {
    if (const auto call = related::read_portmap_call(payload, stream))
      portmap_calls.ask(flow_id(table, index), *call, now);
  } else if (const auto number = related::read_reply_number(payload, stream)) {
    if (const auto call = portmap_calls.answered(flow_id(table, index), *number, now))
      said = related::read_portmap_reply(payload, stream, *call);
  }
  for (const Announcement& one : said) expect(table, index, passage, one);
}

// A third address that the core names for media, such as a gateway's, counts where the rule that carries the call
// names it as well: the policy says whom a device speaks with, not its peer. A device speaks for itself alone.
template <typename Key>
bool Worker::Impl::may_announce(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                const Address& address) {
  if (address.unspecified() || address == passage.view.source) return true;
  const auto& cold = table.cold(index);
  if (passage.from_device || cold.rule >= policy->rules.size()) return false;
  Passage third = passage;
  third.view.source = address;
  const SlotId slot = table.hot(index).device_slot.get();
  const FlowFacts facts = facts_of(third, {slot, slots.word(slot)}, slots.find_peer(address));
  return enforce::names_peer(*policy, policy->rules[cold.rule], facts);
}

template <typename Key>
void Worker::Impl::expect(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                          const Announcement& said) {
  const Terms terms = terms_of(said.kind);
  if (said.port < terms.lowest_port || !may_announce(table, index, passage, said.address)) return;
  const auto& cold = table.cold(index);
  const Address waits = said.address.unspecified() ? passage.view.source : said.address;
  Expectation wanted{.segment = passage.segment,
                     .proto = said.proto,
                     .device = passage.device_address(),
                     .peer = passage.from_device ? passage.peer() : waits,
                     .device_port = passage.from_device ? said.port : std::uint16_t{0},
                     .peer_port = passage.from_device ? std::uint16_t{0} : said.port,
                     .app = app_of(said.kind, policy->known),
                     .rule = cold.rule,
                     .policy_epoch = policy->epoch,
                     .essential = cold.rule < policy->rules.size() && policy->rules[cold.rule].essential,
                     .once = terms.once,
                     .parent = flow_id(table, index),
                     .expires = now + terms.lasts};
  // Media come from where the other side's description says, which need not be where its signalling comes from: each
  // port of the device waits for each address that the call named.
  std::array<Expectation, Announcements::kMost> others;
  std::size_t count = 0;
  if (said.kind == Kind::kMedia || said.kind == Kind::kMediaControl) {
    expectations.each_of(passage.segment, wanted.device, wanted.parent, [&](const Expectation& known) {
      const bool pairs = passage.from_device ? known.peer_port != 0 && known.peer != wanted.peer
                                             : known.device_port != 0 && known.peer != wanted.peer;
      if (!pairs || count == others.size()) return;
      others[count] = passage.from_device ? wanted : known;
      others[count++].peer = passage.from_device ? known.peer : wanted.peer;
    });
  }
  const auto add = [this](const Expectation& one) {
    counters.tally(expectations.add(one, now) ? Tally::kExpectationsMade : Tally::kExpectationsRefused);
  };
  for (std::size_t i = 0; i < count; ++i) add(others[i]);
  add(wanted);
}

// An expectation that names the device's port is for what comes to it, one that names the peer's for what the device
// opens there. Port 0 stands for the sender's own port, which no expectation names: so a device cannot use the answers
// it may get as a way out.
template <typename Key>
bool Worker::Impl::adopt_related(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                 const FlowFacts& facts, enforce::Decision& decision) {
  if (expectations.size() == 0) return false;
  const auto related =
      expectations.match(passage.segment, passage.view.proto, passage.device_address(),
                         passage.from_device ? std::uint16_t{0} : passage.device_port(), passage.peer(),
                         passage.from_device ? passage.peer_port() : std::uint16_t{0}, now);
  if (!related || decision.verdict == Verdict::kAllow || !keeps_related(facts, decision.step, related->essential))
    return false;
  counters.tally(Tally::kExpectationsUsed);
  table.cold(index).app = related->app;
  table.hot(index).app_state = static_cast<std::uint8_t>(enforce::AppState::kProved);
  decision = {.verdict = Verdict::kAllow,
              .step = enforce::Step::kRelated,
              .rule = related->policy_epoch == policy->epoch ? related->rule : kNoRule,
              .essential = related->essential};
  return true;
}

// Media may overtake the message that announces them: a flow that no rule allowed is not cut for good by that.
template <typename Key>
bool Worker::Impl::announced_since(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& hot = table.hot(index);
  if (expectations.size() == 0 || static_cast<enforce::Step>(hot.step) != enforce::Step::kDefault) return false;
  const FlowFacts facts = facts_of(table, index, passage);
  enforce::Decision decision{.verdict = Verdict::kBlock, .step = enforce::Step::kDefault};
  if (!adopt_related(table, index, passage, facts, decision)) return false;
  settle(table, index, passage, facts, decision);
  return true;
}

#define WARDLINE_INSTANTIATE(Key)                                                                                     \
  template void Worker::Impl::follow(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                         \
  template bool Worker::Impl::adopt_related(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, const FlowFacts&, \
                                            enforce::Decision&);                                                      \
  template bool Worker::Impl::announced_since(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
