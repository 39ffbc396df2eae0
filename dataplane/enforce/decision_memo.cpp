#include "dataplane/enforce/decision_memo.h"

#include "dataplane/fold.h"
#include "dataplane/words.h"

namespace wardline::enforce {
namespace {

using flow::OpenedBy;

// What the payload says has no end of values, and is asked about once.
bool reads_payload(const FlowFacts& facts) {
  return facts.facts != nullptr || facts.message != nullptr;
}

// What `decide` reads of the words of the two devices.
constexpr std::uint32_t kAskedOfDevice = ~SlotWord::kArmed;
constexpr std::uint32_t kAskedOfPeer = SlotWord::kClass | SlotWord::kQuarantine;

// Each field in full, so that no two questions look alike. Of the ports rules read the accepting one alone, and of that
// one which ranges hold it. Addresses count by `peer_sets`; a device by itself only where the policy names it.
[[gnu::always_inline]] inline Question question_of(const Snapshot& policy, const FlowFacts& facts,
                                                   DecisionMemo::As as) {
  const auto accepting = as.opened_by == OpenedBy::kDevice ? facts.peer_port : facts.device_port;
  const std::uint32_t peer_kind = facts.peer_is_device ? 2 : 1;  // never 0, as in an empty place
  return {
      in_word(facts.device.fields() & kAskedOfDevice, (facts.peer_device.fields() & kAskedOfPeer) | peer_kind << 30),
      in_word(policy.epoch, facts.peer_sets),
      in_word(in_half(facts.segment, facts.peer_ward), in_half(policy.port_classes.of(accepting), facts.app)),
      in_word(in_half(in_quarter(as.app_state, facts.threat), in_quarter(as.opened_by, as.guessed)),
              in_quarter(facts.peer_broadcast, facts.proto)),
      singles_out_some(policy) && singles_out(policy, facts.device_key) ? facts.device_key : 0};
}

[[gnu::noinline]] Decision decide_anew(const Snapshot& policy, FlowFacts facts, DecisionMemo::As as) {
  facts.opened_by = as.opened_by;
  facts.guessed = as.guessed;
  facts.app_state = as.app_state;
  return decide(policy, facts);
}

// Keyed, as the flow table is: a sender cannot choose which of its questions fall together.
std::uint64_t hash(const Question& question, const flow::HashSeed& seed) {
  const auto mixed = multiply(question[0] ^ seed.words[0], question[1] ^ seed.words[1]);
  return fold(mixed.low ^ question[2] ^ seed.words[2], mixed.high ^ question[3] ^ question[4] ^ seed.words[3]);
}

bool same(const Question& a, const Question& b) {
  return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4])) == 0;
}

}  // namespace

DecisionMemo::DecisionMemo(std::uint32_t entries, const flow::HashSeed& seed)
    : seed_(seed), mask_(entries - kPlaces), entries_(entries) {}

Decision DecisionMemo::decide(const Snapshot& policy, const FlowFacts& facts) {
  return answer(policy, facts, {facts.opened_by, facts.guessed, facts.app_state});
}

Decision DecisionMemo::decide_as(const Snapshot& policy, const FlowFacts& facts, As as) {
  return answer(policy, facts, as);
}

[[gnu::always_inline]] inline Decision DecisionMemo::answer(const Snapshot& policy, const FlowFacts& facts, As as) {
  if (reads_payload(facts)) [[unlikely]]
    return decide_anew(policy, facts, as);
  const Question question = question_of(policy, facts, as);
  Entry* const set = &entries_[hash(question, seed_) & mask_];
  if (same(set[0].question, question)) [[likely]]
    return set[0].answer;
  if (same(set[1].question, question)) return set[1].answer;
  return work_out(set, policy, facts, as);
}

// Makes the question anew, so that one that is answered from memory need not lie in memory itself.
[[gnu::noinline]] Decision DecisionMemo::work_out(Entry* set, const Snapshot& policy, const FlowFacts& facts, As as) {
  set[1] = set[0];
  set[0].question = question_of(policy, facts, as);
  set[0].answer = decide_anew(policy, facts, as);
  return set[0].answer;
}

bool DecisionMemo::allowed_unclassified(const Snapshot& policy, const FlowFacts& facts) {
  return decide_as(policy, facts, {facts.opened_by, facts.guessed, AppState::kOpaque}).verdict == Verdict::kAllow;
}

OpenedBy DecisionMemo::guess_opener(const Snapshot& policy, const FlowFacts& facts) {
  for (auto opener : {OpenedBy::kDevice, OpenedBy::kPeer})
    if (decide_as(policy, facts, {opener, true, AppState::kMidstream}).verdict == Verdict::kAllow) return opener;
  constexpr std::uint16_t kFirstUserPort = 1024;  // RFC 6335, 6: system ports belong to servers
  const bool peer_serves = facts.peer_port < kFirstUserPort;
  const bool device_serves = facts.device_port < kFirstUserPort;
  if (peer_serves != device_serves) return peer_serves ? OpenedBy::kDevice : OpenedBy::kPeer;
  return facts.peer_port <= facts.device_port ? OpenedBy::kDevice : OpenedBy::kPeer;
}

}  // namespace wardline::enforce
