// What the payload of a flow says of it as a whole: read once, when its application is proved, and kept while it lives.
#include <algorithm>
#include <utility>

#include "dataplane/work/first_message.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using facts::Carrier;
using facts::Fact;
using facts::FactMask;
using facts::FactSet;

facts::Reader Worker::Impl::reader_of(AppId app) const {
  return app < policy->apps.size() ? policy->apps[app].reader : facts::Reader::kNone;
}

// Reads the gathered first bytes of both sides. Returns the facts that may yet come: those of a message that is not
// there whole. Where nothing is kept, because the flow was met in its middle or there is no room, facts are not known.
template <typename Key>
FactMask Worker::Impl::read_flow_facts(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const FactMask asked = asked_of(table.cold(index).app);
  return asked == 0 ? 0 : read_asked_facts(table, index, passage, asked);
}

// Not inline: of most applications nothing is asked, and the rest of them would save registers for it.
template <typename Key>
[[gnu::noinline]] FactMask Worker::Impl::read_asked_facts(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                          const Passage& passage, FactMask asked) {
  const auto& hot = table.hot(index);
  const auto& cold = table.cold(index);
  if (hot.guessed != 0 && hot.key.proto == packet::kProtoTcp) return 0;
  facts::KeptFacts* const kept = kept_facts.keep(flow_id(table, index));
  if (kept == nullptr) return 0;
  FactSet* const set = &kept->facts;
  const auto reader = reader_of(cold.app);
  bool client_done = false, server_done = false;
  if (gathers(table, index)) {
    set->clear();
    const std::size_t client = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice ? 0 : 1;
    const auto read = [&](std::size_t direction) {
      const auto& bytes = undecided[cold.side].direction[direction];
      if (!bytes.started()) return false;
      facts::read_facts(reader, Carrier::kStream, bytes.prefix(), direction == client, *set);
      return bytes.full() || work::first_message_whole(reader, bytes.prefix());
    };
    client_done = read(client);
    server_done = read(1 - client);
  } else if (const bool from_client = sent_by_client(hot, passage); from_client && reader == facts::Reader::kQuic) {
    client_done = gather_hello(*kept, passage.view.payload);
  } else {
    facts::read_facts(reader, Carrier::kDatagram, passage.view.payload, from_client, *set);
    client_done = from_client;
    server_done = !from_client;
  }
  kept->unknown = 0;
  for (const auto& text : facts::kFacts) {
    if (text.scope != facts::Scope::kFlow || !facts::tells(reader, text.fact)) continue;
    const bool done = facts::told_by_server(text.fact) ? server_done : client_done;
    const bool told = !facts::several(text.fact) && !facts::told_by_server(text.fact) &&
                      std::ranges::any_of(set->values(), [&](const auto& value) { return value.fact == text.fact; });
    if (!done && !told) kept->unknown |= facts::bit(text.fact);
  }
  const FactMask pending = kept->unknown & asked;
  if (pending == 0 && kept->hello != flow::kNoSide) hellos.give_back(std::exchange(kept->hello, flow::kNoSide));
  return pending;
}

// A ClientHello of QUIC may take several datagrams, which are put together until they told what is asked for. True: it
// is whole. Without room each datagram is read by itself.
bool Worker::Impl::gather_hello(facts::KeptFacts& kept, std::span<const std::byte> datagram) {
  if (kept.hello == flow::kNoSide) kept.hello = hellos.take();
  if (kept.hello == flow::kNoSide) {
    facts::read_facts(facts::Reader::kQuic, Carrier::kDatagram, datagram, true, kept.facts);
    return false;
  }
  auto& hello = hellos[kept.hello].hello;
  hello.take(datagram);
  kept.facts.clear();
  hello.add_facts(kept.facts);
  return hello.complete();
}

void Worker::Impl::forget_facts(std::uint64_t flow) {
  const auto* kept = kept_facts.find(flow);
  if (kept == nullptr) return;
  if (kept->hello != flow::kNoSide) hellos.give_back(kept->hello);
  kept_facts.forget(flow);
}

// A rule that asks for a fact of a flow whose facts were not kept: the failure table says whether it is trusted.
void Worker::Impl::doubt_unknown_facts(const enforce::FlowFacts& facts, enforce::Decision& decision) {
  if (decision.essential) return;
  if (const Reason cause = on_failure(Reason::kMidstream); cause != Reason::kNone) {
    decision = enforce::block(*policy, facts, enforce::Step::kOnFailure, cause, decision.rule);
    decision.counts = false;
  }
}

// Requires: the rule asks for some.
template <typename Key>
[[gnu::noinline]] bool Worker::Impl::lacks_asked_facts(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                       RuleId rule) const {
  if (static_cast<enforce::AppState>(table.hot(index).app_state) != enforce::AppState::kProved) return false;
  const auto* kept = kept_facts.find(flow_id(table, index));
  return std::ranges::any_of(enforce::Snapshot::of(policy->fact_tests, policy->rules[rule].fact_tests),
                             [kept](const enforce::FactTest& test) {
                               return facts::scope_of(test.fact) == facts::Scope::kFlow &&
                                      (kept == nullptr || (kept->unknown & facts::bit(test.fact)) != 0);
                             });
}

#define WARDLINE_INSTANTIATE(Key)                                                                          \
  template FactMask Worker::Impl::read_flow_facts(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&); \
  template bool Worker::Impl::lacks_asked_facts(const flow::FlowTable<Key>&, flow::FlowIndex, RuleId) const;
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
