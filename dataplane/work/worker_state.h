#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dataplane/batch.h"
#include "dataplane/capture/recording.h"
#include "dataplane/classify/classifier.h"
#include "dataplane/counters.h"
#include "dataplane/detect/clinical_text.h"
#include "dataplane/enforce/decide.h"
#include "dataplane/enforce/decision_memo.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/event_ring.h"
#include "dataplane/events.h"
#include "dataplane/facts/fact_store.h"
#include "dataplane/facts/quic_hello.h"
#include "dataplane/facts/reading.h"
#include "dataplane/flow/ended_flows.h"
#include "dataplane/flow/expectations.h"
#include "dataplane/flow/expiry_wheel.h"
#include "dataplane/flow/flow_table.h"
#include "dataplane/flow/stream_state.h"
#include "dataplane/fragments/fragment_queue.h"
#include "dataplane/glance/glance.h"
#include "dataplane/offload/ledger.h"
#include "dataplane/packet/packet_view.h"
#include "dataplane/related/portmap.h"
#include "dataplane/tick.h"
#include "dataplane/work/announcements.h"
#include "dataplane/work/detections.h"
#include "dataplane/work/event_sums.h"
#include "dataplane/work/flow_event.h"
#include "dataplane/work/message_framer.h"
#include "dataplane/work/policy_change.h"
#include "dataplane/worker.h"

namespace wardline {

namespace work {
struct SettledTurn;
}

// A device as found for a frame. `slot` may be the pseudo-slot of the segment (unidentified).
struct FoundDevice {
  SlotId slot = kNoSlot;
  enforce::SlotWord word;
  bool identified() const { return slot != kNoSlot && slot >= enforce::DeviceSlots::kFirstReal; }
};

// One frame on its way through the worker. Lives for the turn.
struct Passage {
  const Frame* frame = nullptr;
  packet::PacketView view;
  SegmentId segment = kUnknownSegment;
  bool from_device = false;
  bool flow_able = false;                    // judged by a flow record
  bool held = false;                         // a fragment that was copied: judged later, with its datagram
  std::uint32_t frames = 1, more_bytes = 0;  // of a datagram put together: how many, and beyond those of `frame`
  std::uint64_t hash = 0;
  flow::FlowIndex likely = flow::kNoFlow;     // the record that the look ahead came upon
  const FoundDevice* device_ahead = nullptr;  // the device that it came upon; null: it was not looked for
  // Where its device and its sender stood when somebody looked ahead, else where another frame's did.
  detect::WatchedDevices::Place watched_at = 0;
  std::uint32_t sender_at = 0;
  bool opened = false;    // its flow, by what Impl::opening says
  flow::FlowKey4 key4{};  // of the family of view.v6
  flow::FlowKey6 key6{};
  mutable std::optional<bool> right_checksum;  // of the transport; none: nobody asked yet

  // Summed once a packet, however often it is asked.
  bool checksum_holds() const {
    if (!right_checksum) right_checksum = packet::checksum_holds(view, frame->bytes);
    return *right_checksum;
  }
  const Mac& device_mac() const { return from_device ? view.source_mac : view.target_mac; }
  const Address& device_address() const { return from_device ? view.source : view.target; }
  const Address& peer() const { return from_device ? view.target : view.source; }
  std::uint16_t device_port() const { return from_device ? view.source_port : view.target_port; }
  std::uint16_t peer_port() const { return from_device ? view.target_port : view.source_port; }
  std::size_t direction() const { return from_device ? 0 : 1; }
};

// A hot record and its cold half, whichever family they are of.
struct FlowRef {
  bool v6 = false;
  flow::FlowIndex index = flow::kNoFlow;
};

// A record, and what its key hashes to.
struct HashedFlow {
  flow::FlowIndex index;
  std::uint64_t hash;
};

// A flow that ends. No event is made of it unless one is told: most are added up.
struct EndedFlow {
  HashedFlow record;
  std::uint64_t watched_key;                     // of its device, for detectors
  detect::WatchedDevices::Place watched_at = 0;  // where they likely remember it
  flow::Endpoints ends;
  work::EventSums::Sought sum;  // where it is added up, if `sought`
  bool sought;
};

// A ClientHello of QUIC that comes in several datagrams.
struct GatheredHello {
  facts::QuicHello hello;
  std::uint32_t next_free;
  void reset() { hello = {}; }
};

struct Worker::Impl {
  Impl(const WorkerOptions& options, SnapshotPublisher& publisher, enforce::DeviceSlots& slots,
       enforce::QuarantineBudgets& budgets);

  // --- the first look at a burst (look_ahead.cpp) ---
  void look_ahead();
  void prepare_ahead(std::size_t i);
  template <typename Table>
  void look_for_records(const Table& table, std::uint32_t frames);
  void look_for_records();
  template <typename Table>
  void look_elsewhere(const Table& table, std::uint32_t frames);
  void fetch_states(std::size_t first);
  template <typename Key>
  void fetch_states(const flow::FlowTable<Key>& table, std::uint32_t frames);
  template <typename Key>
  const Key& key_ahead(std::size_t i) const;
  template <typename Key>
  void fetch_devices(std::uint32_t frames);

  // --- the turn (worker.cpp) ---
  void process(Batch& batch, Tick now);
  void prepare(const Frame& frame, Passage& passage);
  void judge_all();
  template <typename Turn>
  void judge_each(const Turn& turn);
  template <typename Key, typename Turn>
  std::size_t pass_settled_from(std::size_t next, flow::FlowTable<Key>& table, const Key* keys, std::uint32_t known,
                                const Turn& the_turn);
  void judge_frame(std::size_t i);
  Reason judge_plain(std::size_t i);
  Reason judge(Passage& passage);
  Reason on_failure(Reason cause);  // counts; kNone where the table says allow
  bool finish(Tick now);

  Reason judge_malformed(Passage& passage);

  // --- frames of no flow (group_path.cpp) ---
  Reason judge_link_control(Passage& passage);
  Reason judge_arp(Passage& passage);
  Reason judge_other(Passage& passage);
  Reason judge_stateless(Passage& passage);          // group frames, DHCP, unspecified sources
  Reason judge_neighbour_control(Passage& passage);  // ND, RA, IGMP, MLD, VRRP
  bool is_dhcp(const packet::PacketView& view) const;
  Reason fail_stateless(Passage& passage, const FoundDevice& device, Reason cause);  // a drop of the failure table
  Reason conclude_stateless(Passage& passage, const FoundDevice& device, const enforce::FlowFacts& facts,
                            const enforce::Decision& decision);

  // --- fragments (fragment_path.cpp) ---
  Reason judge_fragment(Passage& passage);
  Reason judge_whole(std::uint32_t datagram);
  Reason refuse_fragments(Passage& passage, std::uint32_t datagram, Reason reason);
  Reason drop_fragment(Passage& passage, Reason reason, std::uint32_t frames);
  void judge_pieces_alone(std::uint32_t datagram);
  void conclude_piece(std::uint32_t datagram, std::size_t i, Reason reason);
  void expire_fragments();
  Reason judge_by_headers(Passage& passage);
  std::optional<enforce::Decision> against_first_fragment(Passage& passage, const FoundDevice& device,
                                                          enforce::FlowFacts& facts);

  // --- a frame of a flow (flow_path.cpp) ---
  Reason judge_flow(Passage& passage);
  template <typename Key>
  Reason judge_flow_in(flow::FlowTable<Key>& table, const Key& key, Passage& passage);
  template <typename Key>
  Reason judge_by_kind(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  flow::FlowIndex find_for_device(flow::FlowTable<Key>& table, const Key& key, const Passage& passage);
  template <typename Key>
  flow::FlowIndex open(flow::FlowTable<Key>& table, const Key& key, Passage& passage, const FoundDevice& device);
  Reason judge_without_record(Passage& passage, const FoundDevice& device);
  template <typename Key>
  void decide_again(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  CoarseTick timeout_of(const flow::HotRecord<Key>& hot) const;
  template <typename Key>
  CoarseTick first_visit(const flow::HotRecord<Key>& hot, enforce::Verdict verdict) const;
  template <typename Key>
  void settle(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const enforce::FlowFacts& facts,
              const enforce::Decision& decision);
  template <typename Key>
  void tell_violation(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                      const enforce::FlowFacts& facts, const enforce::Decision& decision);
  CoarseTick report_period() const;
  void expire_some();  // and what follows: flow_expiry.cpp
  template <typename Key>
  bool expire_some(flow::FlowTable<Key>& table, flow::ExpiryWheel& wheel);
  template <typename Key>
  bool is_idle(const flow::HotRecord<Key>& hot) const;
  template <typename Key>
  void end_idle(flow::FlowTable<Key>& table, std::span<const HashedFlow> idle);
  template <typename Key>
  void begin_end(const flow::FlowTable<Key>& table, const HashedFlow& record, EndedFlow& ended) const;
  template <typename Key>
  void tell_unanswered(const flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  CoarseTick visit_living(flow::FlowTable<Key>& table, flow::FlowIndex index, bool offloaded);
  template <typename Key>
  void close(flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  void end(flow::FlowTable<Key>& table, EndedFlow& ended);

  bool by_ip(SegmentId segment) const {
    return segment < policy->segments.size() && policy->segments[segment].identify_by_ip;
  }
  [[gnu::always_inline]] FoundDevice find_device(SegmentId segment, const Mac& mac, const Address& address) const {
    const auto unidentified = slots.raw(pseudo_slot(segment));  // first: who sees its new epoch finds the device
    const SlotId slot = by_ip(segment) ? slots.find_ip(segment, address) : slots.find_mac(segment, mac);
    if (slot == kNoSlot) return {pseudo_slot(segment), enforce::SlotWord::unpack(unidentified)};
    return {slot, slots.word(slot)};
  }
  // What was found ahead stands while its word does: whatever comes or goes moves an epoch.
  FoundDevice find_device(const Passage& passage) const {
    const FoundDevice* ahead = passage.device_ahead;
    if (ahead != nullptr && static_cast<std::uint32_t>(slots.raw(ahead->slot)) == ahead->word.epoch) [[likely]]
      return *ahead;
    return find_device_of(passage);
  }
  FoundDevice find_device_of(const Passage& passage) const;
  bool keeps_related(const enforce::FlowFacts& facts, enforce::Step against, bool essential) const;
  SlotId pseudo_slot(SegmentId segment) const { return segment; }
  void tell_facts(enforce::FlowFacts& facts, const Passage& passage, const FoundDevice& device, SlotId peer_slot);
  enforce::FlowFacts facts_of(const Passage& passage, const FoundDevice& device, SlotId peer_slot) {
    enforce::FlowFacts facts;
    tell_facts(facts, passage, device, peer_slot);
    return facts;
  }
  std::uint32_t sets_of(const Address& address);
  template <typename Key>
  enforce::FlowFacts facts_of(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void add_known(enforce::FlowFacts& facts, const flow::FlowTable<Key>& table, flow::FlowIndex index);
  // The same where they are asked for once in a turn; they stand until the next flow opens.
  template <typename Key>
  enforce::FlowFacts& facts_again(const flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);

  // --- application not known yet (undecided.cpp, undecided_limits.cpp) ---
  template <typename Key>
  Reason judge_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason judge_undecided_tcp(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason judge_undecided_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason after_scan(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const classify::Hits& hits);
  template <typename Key>
  Reason end_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, enforce::AppState state,
                       AppId app);
  template <typename Key>
  Reason all_was_scanned(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason forward_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  struct Undecided;
  template <typename Key>
  Undecided measure_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void pass_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  Reason drop_where_enforced(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage, Reason reason);
  template <typename Key>
  Reason fail_in_flow(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage, Reason cause);
  template <typename Key>
  void take_back(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  Reason device_limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  Reason limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  void give_back_undecided(std::uint32_t place);
  void give_back_side(std::uint32_t place, enforce::FlowKind kind);
  template <typename Key>
  void release_side(const flow::HotRecord<Key>& hot, flow::ColdRecord& cold, enforce::FlowKind kind);
  template <typename Key>
  void release_side(flow::FlowTable<Key>& table, flow::FlowIndex index, enforce::FlowKind kind);
  template <typename Key>
  bool take_side(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void tell_exchange(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void tell_answered(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  // Whether a flow's first bytes are being gathered: TCP from its start, and a second half was seen.
  template <typename Key>
  bool gathers(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  template <typename Key>
  Reason meet_first(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  bool needs_side(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) const;
  template <typename Key>
  Reason place_segment(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                       flow::UndecidedState& state);
  template <typename Key>
  Reason judge_prefix(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, flow::UndecidedState& state,
                      std::uint32_t end);
  template <typename Key>
  std::uint32_t window_for(flow::FlowTable<Key>& table, flow::FlowIndex index, const enforce::Decision& decision);
  classify::Hits scan(const classify::ScanInput& input) {
    counters.tally(Tally::kScans);
    counters.tally(Tally::kScanBytes, input.bytes.size());
    if (!policy->databases) return {};
    return policy->databases->scan(input, number);
  }
  classify::Hits scan(classify::Transport transport, bool from_client, std::uint16_t server_port,
                      std::span<const std::byte> bytes);
  bool take_undecided_budget(const FoundDevice& device, const Mac& mac, std::size_t bytes);

  // --- the life of a TCP connection (connection.cpp) ---
  template <typename Key>
  std::array<flow::StreamEnds, 2>* ends_of(flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  bool is_decoy(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  bool begins_anew(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  std::uint32_t mark_of_next(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void follow_tcp(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  bool closes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);

  // --- what ended connections hold (ended.cpp) ---
  template <typename Key>
  void note_ended(const flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  bool holds_after_end(const flow::FlowTable<Key>& table, flow::FlowIndex index, std::uint16_t generation) const;
  template <typename Key>
  bool take_back_from(flow::FlowTable<Key>& table, flow::FlowIndex index, std::uint16_t generation);
  template <typename Key>
  void give_back_if_over(flow::FlowTable<Key>& table, flow::FlowIndex index);
  void fetch_next_ended() const;
  bool take_back(const flow::EndedFlows::Flow& flow);
  bool take_back_from_ended();
  bool give_back_ended();
  std::uint32_t take_undecided();
  std::uint32_t take_inspected();

  template <typename Key>
  Reason meet_handshake(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  Reason meet_restart(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                      flow::StreamEnds& ends);

  // --- threats (threats.cpp) ---
  template <typename Key>
  Reason judge_threats(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const classify::Hits& hits,
                       flow::ToldThreats* told);  // null: datagrams
  template <typename Key>
  Reason apply_threat(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                      const enforce::FlowFacts& facts, enforce::Decision decision);
  template <typename Key>
  Reason judge_detection(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                         const detect::Alarm& alarm, enforce::DetectionAction action, AppId proved = kNoApp);
  template <typename Key>
  enforce::DetectionAction detection_action(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                            SignatureId signature) const;

  // --- threats beyond the greeting (inspect.cpp, inspect_stream.cpp) ---
  template <typename Key>
  std::uint32_t inspection_depth(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  template <typename Key>
  bool depth_reached(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  static bool is_done(const flow::InspectedState& state, std::size_t direction, std::uint32_t depth);
  template <typename Key>
  std::uint32_t take_window(flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  Reason inspect_past_buffer(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason judge_inspected(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason inspect_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  bool only_scans(const flow::HotRecord4& hot, AppId app, std::uint32_t packets) const;  // scanned.cpp
  bool pass_scanned(flow::FlowIndex index, const flow::FlowKey4& key, const Frame& frame,
                    const work::SettledTurn& turn);
  template <typename Key>
  Reason inspect_segment(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                         flow::InspectedState& state);
  template <typename Key>
  Reason inspect_stream(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                        flow::InspectedState& state, flow::ToldThreats& told);
  template <typename Key>
  void tell_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                        const flow::InspectedBytes& window, std::uint32_t known_until);
  template <typename Key>
  Reason inspect_repeat(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                        flow::InspectedState& state, flow::ToldThreats& told);
  template <typename Key>
  Reason scan_window(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, flow::InspectedState& state,
                     flow::ToldThreats& told);
  template <typename Key>
  Reason fail_inspected(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage, Reason cause);
  template <typename Key>
  Reason refuse(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage, Reason reason);
  template <typename Key>
  classify::ScanInput input_of(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                               std::span<const std::byte> bytes, bool from_start) const;
  classify::Hits scan_stream(classify::ScanInput input, std::uint32_t sequence, const flow::UrgentBytes& urgent);

  // --- judged message by message (per_message.cpp) ---
  template <typename Key>
  Reason judge_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  // Hands the gathered first bytes over to the framers and settles the flow, one way or another.
  template <typename Key>
  Reason begin_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                           enforce::FlowFacts& facts, enforce::Decision& decision);
  template <typename Key>
  work::MessageFramer::Answer follow_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                 const Passage& passage, std::size_t direction,
                                                 work::MessageFramer& framer, enforce::FlowFacts& facts,
                                                 enforce::Decision& decision);
  void read_message(AppId app, facts::Carrier carrier, std::span<const std::byte> bytes, bool from_client);
  bool message_passes(enforce::FlowFacts& facts, bool from_client, enforce::Decision& decision);
  template <typename Key>
  const enforce::Rule* carrier_of(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  struct Refused {  // a message that may not pass
    enforce::FlowFacts facts;
    enforce::Decision decision;
  };
  template <typename Key>
  bool judge_message(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                     facts::Carrier carrier, std::span<const std::byte> bytes, Refused& refused);
  template <typename Key>
  work::MessageFramer::Answer follow_segment(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                             const Passage& passage, Refused& refused);
  template <typename Key>
  void hand_over(flow::FlowTable<Key>& table, flow::FlowIndex index, work::MessageState& state);
  template <typename Key>
  Reason judge_messages(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason inspect_framed(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason end_messages(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                      const enforce::FlowFacts& facts, enforce::Decision decision);
  template <typename Key>
  enforce::Decision against_garbage(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                    const enforce::FlowFacts& facts) const;
  template <typename Key>
  Reason judge_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason drop_unplaced(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, Reason reason);
  template <typename Key>
  void tell_messages(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  void describe_unmet(Event& event, const enforce::FlowFacts& facts, const enforce::Decision& decision) const;

  // --- what the payload says of the flow as a whole (flow_facts.cpp) ---
  // Flow-constant facts that some rule asks of this application; most policies ask none of most applications.
  facts::FactMask asked_of(AppId app) const {
    return app < policy->apps.size() ? policy->apps[app].asked & facts::mask_of(facts::Scope::kFlow) : 0;
  }
  facts::Reader reader_of(AppId app) const;
  bool gather_hello(facts::KeptFacts& kept, std::span<const std::byte> datagram);
  void forget_facts(std::uint64_t flow);
  template <typename Key>
  facts::FactMask read_flow_facts(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  facts::FactMask read_asked_facts(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                   facts::FactMask asked);
  template <typename Key>
  void trust_unknown_facts(const flow::FlowTable<Key>& table, flow::FlowIndex index, const enforce::FlowFacts& facts,
                           enforce::Decision& decision) {
    if (decision.verdict == enforce::Verdict::kAllow && lacks_facts(table, index, decision.rule)) [[unlikely]]
      doubt_unknown_facts(facts, decision);
  }
  void doubt_unknown_facts(const enforce::FlowFacts& facts, enforce::Decision& decision);
  // Whether this rule asks for a flow-constant fact and none was kept of this flow.
  template <typename Key>
  bool lacks_facts(const flow::FlowTable<Key>& table, flow::FlowIndex index, RuleId rule) const {
    return rule < policy->rules.size() && policy->rules[rule].fact_tests.count != 0 &&
           lacks_asked_facts(table, index, rule);
  }
  template <typename Key>
  bool lacks_asked_facts(const flow::FlowTable<Key>& table, flow::FlowIndex index, RuleId rule) const;

  // --- behaviour detectors (detections.cpp, react.cpp) ---
  void look_for_detectors();  // at the turn's begin
  // The policy has detectors. Nothing is looked at where it has none.
  bool watches() const { return detections.any; }
  enforce::FlowKind settled_kind(AppId app);  // kWatched where each packet may tell something
  // A public address that is no device of ours and that no role, zone or group of the policy names.
  bool is_stranger(const Address& address, SlotId slot) const {
    return slot == kNoSlot && detect::is_public(address) && policy->addresses.find(address) == 0;
  }
  // Whether some detector reads payload of this service; an echo is read whole.
  static bool reads_service(std::uint8_t proto, std::uint16_t port) {
    constexpr std::uint16_t kDns = 53, kNetbios = 139, kSnmp = 161, kSmb = 445;
    if (proto == packet::kProtoUdp) return port == kDns || port == kSnmp;
    return port == kDns || port == kSmb || port == kNetbios || detect::login_kind(port) != detect::LoginKind::kNone;
  }
  std::uint64_t watched_key(SlotId slot, const Mac& mac, SegmentId segment, const Address& address) const {
    if (slot != kNoSlot && slot >= enforce::DeviceSlots::kFirstReal) [[likely]]
      return slot;
    return key_of_unidentified(mac, segment, address);
  }
  std::uint64_t key_of_unidentified(const Mac& mac, SegmentId segment, const Address& address) const;
  detect::Watched& watched(std::uint64_t key);
  detect::Watched& watched(std::uint64_t key, detect::WatchedDevices::Place likely) {
    auto* const entry = detections.devices.touch_at(likely, key, coarse_now);
    return entry != nullptr ? *entry : watched(key);
  }
  detect::Watched& watched(const Passage& passage, SlotId slot) {
    const auto key = watched_key(slot, passage.device_mac(), passage.segment, passage.device_address());
    return watched(key, passage.watched_at);
  }
  template <typename Key>
  Reason watch_count(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, std::uint32_t before);
  template <typename Key>
  Reason watch_payload(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason read_payload(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, bool leaves);
  template <typename Key>
  Reason watch_opening(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  Reason watch_later(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, std::uint32_t before);
  template <typename Key>
  void watch_end(const flow::FlowTable<Key>& table, const EndedFlow& ended);
  template <typename Key>
  void watch_answered(const flow::FlowTable<Key>& table, const EndedFlow& ended, detect::Watched& entry,
                      detect::Alarms& alarms);
  template <typename Key>
  void tell_ended(const flow::FlowTable<Key>& table, flow::FlowIndex index, detect::Watched& entry,
                  const detect::Alarms& alarms);
  void watch_datagram(detect::Watched& entry, const Passage& passage, bool by_device, bool from_client,
                      std::uint16_t port, detect::Alarms& alarms);
  void watch_stream(detect::Watched& entry, const detect::Connection& flow, const Passage& passage, bool from_client,
                    std::uint16_t port, std::uint64_t id, detect::Alarms& alarms);
  FoundDevice device_of_sender(const Passage& passage);
  // How often its sender's MAC was seen now on this leg, now on the other; 0 where it did not move.
  std::uint32_t leg_moves(const Passage& passage) {
    const auto& setting = detect::setting_of(policy->detectors, detect::Detector::kMacFlapping);
    const auto& sender = passage.view.source_mac;
    if (!setting.enabled ||
        detections.places.seen_again(passage.sender_at, passage.segment, sender, passage.from_device, coarse_now))
      return 0;
    return detections.places.seen(passage.segment, sender, passage.from_device, coarse_now, detect::span_of(setting));
  }
  void settle_owed(detect::Watched& entry, detect::Alarms& alarms);
  Reason watch_arp(Passage& passage);
  std::uint32_t swept(const Passage& passage);
  Reason watch_group(Passage& passage);
  Reason watch_header(Passage& passage);
  enforce::DetectionAction action_of(ClassId device_class, SignatureId signature) const;
  template <typename Key>
  Reason react(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const detect::Alarms& alarms);
  Reason react(Passage& passage, const FoundDevice& device, const detect::Alarms& alarms);

  // --- related traffic (related.cpp) ---
  Reason judge_icmp_error(Passage& passage);
  void expect_answers(const Passage& passage, RuleId rule, bool essential);
  void expect_tftp(const Passage& passage, flow::OpenedBy opened_by, RuleId rule, bool essential, std::uint64_t parent);

  // --- what flows announce (follow.cpp) ---
  // Whether flows of this application announce others, so that they are read for as long as they live.
  bool follows(AppId app) const {
    const auto& known = policy->known;
    return app != kNoApp &&
           (app == known.ftp || app == known.sip || app == known.rtsp || app == known.portmap || app == known.h323);
  }
  bool copies_each(AppId app) const { return app < policy->apps.size() && policy->apps[app].copy_each; }
  // Of an application that is read as long as its flow lives.
  bool reads_for_life(AppId app) const { return follows(app) || copies_each(app); }
  template <typename Key>
  void follow(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  void expect(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
              const related::Announcement& said);
  // Where a new flow that is not allowed was announced, it inherits its parent's rule.
  template <typename Key>
  bool adopt_related(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                     const enforce::FlowFacts& facts, enforce::Decision& decision);
  template <typename Key>
  bool announced_since(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage);
  template <typename Key>
  bool may_announce(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                    const Address& address);

  // --- counting toward quarantine (quarantine.cpp) ---
  void count_toward_quarantine(SlotId slot, SegmentId segment, const Address& peer, std::uint16_t peer_port, AppId app,
                               Reason reason, const Passage& passage, bool at_once = false);

  // --- events (report.cpp) ---
  bool put(const Event& event);  // false: the ring had no room for its kind; counted
  bool put_single(const Event& event);
  void count_lost(const Event& event);
  void add_up(const Event& event);
  void add_up(const work::EventSums::Share& share, const work::EventSums::Sought& sum);
  bool tells_singly();
  bool will_tell_singly(std::size_t flows);
  Event event_of(EventKind kind, const Passage& passage) const;
  template <typename Key>
  Event event_of_flow(EventKind kind, const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  template <typename Key>
  void report_flow(flow::FlowTable<Key>& table, flow::FlowIndex index);
  template <typename Key>
  void report_end(const flow::FlowTable<Key>& table, EndedFlow& ended);
  template <typename Key>
  void seek_sum(const flow::FlowTable<Key>& table, EndedFlow& ended) const;
  template <typename Key>
  bool facts_unknown(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  void report_violation(Event event);
  void announce_device(const Passage& passage);
  void announce_address(SlotId slot, const Mac& mac, SegmentId segment, const Address& address, const Passage& passage);
  bool take_copy_budget(const Passage& passage, SlotId slot);
  FrameCopy* begin_copy(const Passage& passage, SlotId slot, std::span<const std::byte> bytes);
  void copy_frame(const Passage& passage, SlotId slot);
  void copy_datagram(const Passage& passage, const FoundDevice& device, AppId app);
  void copy_opening(const Passage& passage, SlotId slot);
  template <typename Key>
  void copy_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                        std::span<const std::byte> bytes);
  // A forwarded datagram in which a device tells of itself.
  template <typename Key>
  void tell_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  std::uint64_t flow_id(const flow::FlowTable<Key>& table, flow::FlowIndex index) const;
  template <typename Key>
  flow::ExpiryWheel& wheel_of() {
    return is_v6<Key> ? wheel6 : wheel4;
  }
  template <typename Key>
  static constexpr bool is_v6 = std::is_same_v<Key, flow::FlowKey6>;

  // --- flows that a card forwards (offload.cpp); `ledger` is null where none does ---
  template <typename Key>
  void offer_to_card(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage);
  template <typename Key>
  bool fold_offloaded(flow::FlowTable<Key>& table, flow::FlowIndex index);

  // --- rejects (reject.cpp) ---
  void reject(const Passage& passage, Batch& batch);

  // --- what a capture is told (capture.cpp) ---
  void record(capture::Recording& recording);
  void record_received(capture::Recording& recording, const Frame& frame);
  void record_one(capture::Recording& recording, std::span<const std::byte> bytes, std::uint32_t wire_length,
                  std::uint8_t pair, Side leg, capture::Fate fate, Reason reason = Reason::kNone);
  void fill(capture::CapturedFrame& taken, std::uint8_t pair, Side leg, capture::Fate fate, Reason reason) const;

  const WorkerOptions options;
  SnapshotPublisher& publisher;
  enforce::DeviceSlots& slots;
  enforce::QuarantineBudgets& budgets;
  const std::size_t number;
  capture::Tap tap;  // read once a burst, so it lies with what every burst reads

  const glance::LookAt look = glance::look_with(glance::choose_instructions());

  flow::FlowTable4 flows4;
  flow::FlowTable6 flows6;
  flow::ExpiryWheel wheel4, wheel6;
  flow::UndecidedPool undecided;
  flow::InspectedPool inspected;
  flow::Expectations expectations;
  related::PortmapCalls portmap_calls;
  work::MessagePool framed;
  flow::EndedFlows ended_flows;
  facts::FactStore kept_facts;
  flow::StatePool<GatheredHello> hellos;
  work::Announcements announced;
  work::StatelessViolations stateless_violations;
  work::EventSums sums;
  work::TellBudget flow_budget{4096}, violation_budget{1024};  // what one control thread takes beside its other work
  bool ending = false;                                         // finish() was called
  work::Detections detections;
  enforce::DecisionMemo decisions;

  fragments::FragmentQueue fragments;

  SpscRing<Event> events;
  SpscRing<FrameCopy> copies;
  std::unique_ptr<offload::OffloadLedger> ledger;
  WorkerCounters counters;

  std::atomic<bool> overloaded{false};  // set by a control thread

  std::array<std::byte, flow::InspectedBytes::kLimit> without_urgent;  // bytes of one scan, read the other way
  facts::FactSet message_facts;                                        // of the message that is being judged

  struct {
    std::uint32_t policy_epoch = ~0u;  // of no policy
    Address address;
    std::uint32_t sets = 0;
  } last_sets;  // what AddressSets said last

  enforce::FlowFacts opening;  // of the flow that was opened last

  work::PolicyChange change;
  CoarseTick expired_at = 0;  // when expire_some() last looked
  bool more_is_due = false;   // and did not come to an end

  // this turn
  const enforce::Snapshot* policy = nullptr;
  Tick now = 0;
  CoarseTick coarse_now = 0;
  Batch* batch = nullptr;
  std::array<Passage, Batch::kMaxFrames> passages;  // of frames that are not plain, until a plain one needs its own
  glance::Burst seen;                               // `hashes` also of those that have a flow and are not plain
  std::uint32_t ahead4 = 0, ahead6 = 0;             // frames whose hash is in `seen`, by family
  std::uint32_t found = 0;                          // those of them whose tag was found
  std::array<flow::FlowIndex, Batch::kMaxFrames> likely;  // and with which record
  std::uint32_t sought_devices = 0;                       // frames without a record, whose devices were looked for
  std::array<FoundDevice, Batch::kMaxFrames> devices_ahead;

  // undecided budgets of unidentified devices go by a hash of their MAC
  struct Bucket {
    std::uint32_t window = 0, bytes = 0;
  };
  std::array<Bucket, 1024> mac_budgets{};
  std::array<Bucket, 256> mac_copies{};  // `bytes` counts copies
  double reject_tokens = 0;
  Tick reject_refilled = 0;
  std::uint32_t finish_cursor4 = 0, finish_cursor6 = 0;
};

}  // namespace wardline
