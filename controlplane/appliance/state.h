#pragma once
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/alerts/throttle.h"
#include "controlplane/alerts/udp_sender.h"
#include "controlplane/appliance/appliance.h"
#include "controlplane/appliance/leg_losses.h"
#include "controlplane/appliance/open_flows.h"
#include "controlplane/appliance/policy_names.h"
#include "controlplane/capture/live_capture.h"
#include "controlplane/findings/addresses.h"
#include "controlplane/findings/checks.h"
#include "controlplane/findings/hours.h"
#include "controlplane/findings/ledger.h"
#include "controlplane/findings/one_sided.h"
#include "controlplane/findings/servers.h"
#include "controlplane/findings/voices.h"
#include "controlplane/identity/identity.h"
#include "controlplane/identity/neighbour.h"
#include "controlplane/identity/place.h"
#include "controlplane/inventory/store.h"
#include "controlplane/quarantine/arming.h"
#include "controlplane/quarantine/breaker.h"
#include "controlplane/quarantine/ledger.h"
#include "controlplane/quarantine/threshold.h"
#include "controlplane/records/facts.h"
#include "controlplane/records/record.h"

namespace wardline::appliance {

// One end of Wardline, by the workers' numbers.
struct Leg {
  std::uint8_t bundle = 0, pair = 0;
  Side side = Side::kDevice;
  auto operator<=>(const Leg&) const = default;
};

// A device and what this run remembers of it beside the inventory's row.
struct DeviceState {
  inventory::Device device;
  bool dirty = true;                          // not yet in the store as it is
  bool exchanged = false;                     // the core side has answered it in this run
  bool announce = false;                      // owes a device record: new, or class or quarantine changed
  ClassId region_class = kUnidentifiedClass;  // of a slot whose device the store has lost
  SegmentId region_segment = kUnknownSegment;
  std::optional<WallTime> former_until;  // end of the former class's grace
  std::optional<WallTime> hold_until;    // no automatic quarantine until then
  quarantine::Arming arming;
  quarantine::Threshold threshold;          // for classes whose quarantine a person approves
  std::string last_violation;               // its explanation, for the reason of a quarantine that follows
  std::map<std::string, WallTime> seen_in;  // segments of its interfaces: when it was last there, in this run
  std::chrono::sys_time<std::chrono::hours> hour_noted{};  // for class_hours: told it up to this one
  bool check_due = true;                          // it changed, or its turn has come: what is found of it may be other
  std::optional<identity::ToldPlace> asked_from;  // option 82 of its last request, until a server answers
  std::optional<Leg> leg;                         // that it is seen at, and when last
  WallTime at_leg{};
  WallTime uplink_due{};               // when it is asked again who is at the other end of that leg
  std::uint64_t neighbours_known = 0;  // neighbours_changed, when it was asked last
};

// A flow, violation or detection as it went out, and the event that it tells.
struct RecentRecord {
  Event event;
  WallTime told{};
  std::string type, id, device_id, json, explanation;
};

// What a flow that goes on has counted up to its last report.
struct FlowTotals {
  std::uint64_t packets_from_device = 0, packets_to_device = 0, bytes_from_device = 0, bytes_to_device = 0;
};

// A block as `explain` tells it; `times` counts those that differ in nothing but their time.
struct LastViolation {
  std::string id, time, reason, explanation;
  std::size_t times = 1;

  // The explanation's first sentence: who, what, where to.
  std::string_view what_happened() const { return std::string_view(explanation).substr(0, explanation.find(". ")); }
  bool same_kind(const LastViolation& other) const {
    return reason == other.reason && what_happened() == other.what_happened();
  }
};

std::string id_of_mac(const Mac& mac);  // of a device that the register does not name

// Why a device is looked at: only what it said itself may limit it, never a policy that came into force or a day that
// went by.
enum class Because : std::uint8_t { kHeard, kReviewed };

// What the subjects (policy, devices, events, quarantines, queries) share. Each has a .cpp file of its own.
struct Appliance::Impl {
  Impl(Options given, SnapshotPublisher& publisher, enforce::DeviceSlots& slots, enforce::QuarantineBudgets& budgets)
      : options(std::move(given)), publisher(publisher), slots(slots), budgets(budgets) {}

  // --- appliance.cpp ---
  std::size_t take(std::size_t events, std::size_t copies);
  std::size_t take_for(std::chrono::milliseconds time);

  // --- restore.cpp ---
  Result<void> restore();
  void restore_from_region(std::unordered_map<std::uint64_t, DeviceState*>& by_key);
  void restore_slot(DeviceState& state);
  void seat(DeviceState& state);
  void name_what_the_store_lost(const policy::Policy& policy);

  // --- policy.cpp ---
  std::expected<PolicySummary, Errors> load(const std::string& directory, policy::LoadOptions load_options);
  std::expected<PolicySummary, Errors> use(std::shared_ptr<const policy::Policy> policy);
  void apply_policy_to_devices();
  void refill_budgets();
  void count_former_quarantines();

  // --- devices.cpp ---
  DeviceState* state_of_slot(SlotId slot) const;
  DeviceState* find_device(std::string_view text) const;  // id, MAC, address, host name or register id
  DeviceState* see_device(SegmentId segment, const Mac& mac, const Address& address);
  DeviceState* create_device(const std::string& id, SegmentId segment, const Mac& mac, const Address& address,
                             bool by_ip);
  bool add_interface(DeviceState& state, SegmentId segment, const Mac& mac);
  void use_address(DeviceState& state, const Mac& mac, const Address& address);
  void take_address_back(const DeviceState& state, const Address& address);
  void add_observation(DeviceState& state, const identity::Observation& observation);
  void apply_register(DeviceState& state);
  void reclassify(DeviceState& state, Because because = Because::kReviewed);
  void sync_slot(DeviceState& state);
  bool quarantine_breaker_open(const DeviceState& state) const;
  std::string segment_name(SegmentId segment) const;
  SegmentId segment_of(const DeviceState& state) const;
  enforce::Criticality criticality_of(const DeviceState& state) const;
  void changed(DeviceState& state);  // it owes the store a row and the sink a device record
  void announce_devices();

  // --- leases.cpp ---
  void end_binding(DeviceState& state);
  void release_from_automatic(const std::string& device_id);
  void follow_lease(SegmentId segment, const Mac& client, const Address& address);
  // --- behind.cpp ---
  void apply_behind(DeviceState& state, const policy::RegisterEntry* entry);
  void see_behind(const std::string& id, const DeviceState& server, WallTime seen);
  void forget_unlisted_behind();

  // --- places.cpp ---
  struct PlacesTaken {
    std::size_t placed = 0;   // devices that bear one of the MACs
    std::size_t unknown = 0;  // MACs that no device bears
  };
  PlacesTaken import_places(const std::map<Mac, identity::ToldPlace>& told);
  bool take_place(DeviceState& state, const identity::ToldPlace& told);  // false where a newer one is known
  void hear_option_82(DeviceState& state, Side side, identity::ToldPlace told);
  void count_relay_names();

  // --- neighbours.cpp ---
  void hear_neighbour(const FrameCopy& copy);
  const identity::Neighbour* uplink_of(const Leg& leg) const;
  void note_leg(DeviceState& state, const Leg& here);
  void stand_behind_uplink(DeviceState& state, const Leg& here);
  void ask_uplink(DeviceState& state);
  void ask_uplinks();  // once a minute
  std::string neighbours_json() const;

  // --- links.cpp ---
  void note_link(const std::string& leg, const std::string& speed);
  std::string usual_speed(std::string_view leg, const std::string& otherwise) const;

  // --- device_limits.cpp ---
  bool admit_new_device(SegmentId segment);
  void ask_again_for_devices();
  bool expendable(const DeviceState& state) const;
  void free_slots();
  void forget(const std::vector<DeviceState*>& list);

  // --- events.cpp ---
  void handle(const Event& event);
  void handle(const FrameCopy& copy);
  void tell_speaks(DeviceState& state, const Event& event);
  void note_unanswered(const Event& event);
  Event with_totals(Event event);
  void tell_flow(const Event& told, DeviceState* state);
  void tell_violation(const Event& event, DeviceState* state);
  void tell_detection(const Event& event, DeviceState* state);
  records::Facts facts_of(const Event& event, const DeviceState* state, std::string_view type,
                          const std::string& id) const;
  void count_for_approval(const Event& event, DeviceState& state);
  WallTime wall_of(Tick time) const;

  // --- records.cpp ---
  std::string new_id(std::string_view prefix);
  std::string flow_id_of(const Event& event) const;
  void remember(const Event& event, const records::Facts& facts, const std::string& json);
  void emit(const records::Head& head, std::string json, std::string verdict, std::string rule);
  void find_out(const records::Finding& finding, const DeviceState* state);  // an event
  void tell_finding(const records::Head& head, const records::Finding& finding);
  void send_alert(const alerts::Alert& alert, WallTime time);
  void send_due_alerts();
  bool store_ready();
  void tell_store_warnings();
  void deliver(const Sink& sink);
  void save_dirty(bool all);
  bool commit_store();
  void store_record(inventory::StoredRecord record);
  void note_store(const Result<void>& done);

  // --- findings.cpp ---
  bool raise(const std::string& device_id, const findings::Condition& condition);  // true when it begins
  void resolve(std::string_view kind, const std::string& device_id, const std::string& subject);
  void tell(const inventory::Finding& finding);
  void tell(const std::vector<inventory::Finding>& list);
  std::string finding_json(const inventory::Finding& finding) const;
  Result<inventory::Finding> acknowledge(std::string_view id, std::string_view user, std::string_view note,
                                         std::optional<WallTime> until);
  void restore_finding(inventory::Finding finding);
  void save_findings();
  void raise_contradictions(DeviceState& state, const std::vector<identity::Contradiction>& contradictions,
                            Because because);
  void check_device(DeviceState& state, Because because = Because::kReviewed);
  void check_due_devices();
  void check_findings();  // once a minute: what only time changes
  void check_silence();
  void watch_use(const Event& event, DeviceState* state);
  std::vector<std::string> segments_left(const DeviceState& state) const;
  void watch_tags(const Event& event);

  // --- copies.cpp ---
  void watch_voices(DeviceState& state, const std::vector<identity::Observation>& said, Tick time);
  void keep_essential_flows(DeviceState& state, const findings::Condition& condition);
  bool was_released_from(std::string_view device_id, std::string_view kind) const;

  // --- services.cpp ---
  void watch_server(DeviceState& state, std::string_view app, const Event& event);
  void watch_exposure(const DeviceState& state, std::string_view app, const Event& event);
  void watch_detection(const Event& event, const DeviceState* state);
  void watch_directions(const DeviceState& state, const Event& event);
  void watch_hours(DeviceState& state, const Event& event);

  // --- conversations.cpp ---
  std::string peer_name(const Address& peer, const std::string& text) const;  // a role's name, else the text
  void count_conversation(const Event& event, const records::Facts& facts, bool first_report);
  void save_conversations();

  // --- quarantines.cpp ---
  void notice_quarantine(DeviceState& state);
  void quarantine_changed(const quarantine::Quarantine& quarantine);
  std::string open_quarantine(std::string_view device_id) const;  // id, "" when there is none
  void tell_overtaken(const std::string& quarantine_id);
  void set_word(DeviceState& state, enforce::Profile profile);
  void weaken_quarantine(DeviceState& state);
  void expire_quarantines();
  void check_breakers(const DeviceState* hit);
  std::size_t devices_of(quarantine::Breaker::Scope scope, std::string_view name) const;
  Result<quarantine::Quarantine> quarantine_add(std::string_view device, std::string_view profile,
                                                std::string_view user, std::string_view reason,
                                                std::optional<WallTime> until);
  Result<quarantine::Quarantine> quarantine_approve(std::string_view id, std::string_view user);
  Result<quarantine::Quarantine> quarantine_reject(std::string_view id, std::string_view user);
  Result<quarantine::Quarantine> quarantine_release(std::string_view id_or_device, std::string_view user);
  std::string quarantine_json(const quarantine::Quarantine& quarantine) const;

  // --- captures.cpp ---
  std::string answer_capture(std::string_view request, std::string_view user);
  void watch_capture();
  void stop_capture();
  void tell_capture(std::string_view state);
  std::string comment_of(const capture::CapturedFrame& frame) const;

  // --- lists.cpp ---
  // JSON, newest first; `device_id` "" = of all. `type`: flow or violation.
  std::vector<std::string> records_of(std::string_view type, const std::string& device_id, std::size_t limit) const;
  std::optional<std::string> explanation_of(const std::string& device_id, const std::string& id) const;
  std::vector<LastViolation> last_violations(const std::string& device_id) const;

  // --- device_story.cpp ---
  std::string device_story(const DeviceState& state) const;  // JSON: its record, and all else that is known of it
  inventory::Conversations conversations_of(const std::string& device_id) const;

  // --- lately.cpp ---
  std::string lately() const;  // JSON: the devices with the most violations, and those with the most flows

  // --- trace.cpp ---
  // JSON: what is known of conversations between two ends, of this port where it is not 0. With `after`, an RFC 3339
  // time as records have it: only of what was told since, and of what is open.
  Result<std::string> trace(std::string_view from, std::string_view to, std::uint16_t port,
                            const std::string& after) const;

  // --- queries.cpp, explain.cpp ---
  std::string answer(std::string_view request, std::string_view user);
  std::string device_json(const DeviceState& state) const;
  Result<std::string> explain(std::string_view device, std::string_view flow) const;

  const policy::Policy* in_force() const { return current.get(); }

  const Options options;
  SnapshotPublisher& publisher;
  enforce::DeviceSlots& slots;
  enforce::QuarantineBudgets& budgets;
  std::string run;                          // begins every id of this run
  std::unique_ptr<inventory::Store> store;  // null: nothing outlives the process
  std::optional<identity::OuiTable> oui;
  std::unique_ptr<alerts::UdpSender> sender;
  alerts::Throttle<records::Facts> throttle, detection_throttle;
  // What the appliance finds out by itself has a budget of its own: a scanner's violations must not silence it.
  struct FoundOut {
    records::Head head;
    records::Finding finding;
  };
  alerts::Throttle<FoundOut> finding_throttle;
  std::vector<Source> sources;

  PolicyNames names;
  std::shared_ptr<const policy::Policy> current;
  std::string policy_directory;
  policy::LoadOptions policy_options;
  std::optional<Tick> budgets_refilled;
  policy::QuarantineBudget budgets_given;

  std::map<std::string, std::unique_ptr<DeviceState>, std::less<>> devices;
  std::unordered_map<SlotId, DeviceState*> by_slot;
  std::unordered_map<std::uint64_t, FlowTotals> long_flows;  // by Event::flow_id; forgotten at the flow's end
  struct NewDevices {
    Tick since = 0;
    std::uint32_t made = 0;
    std::optional<Tick> told_at;
    std::optional<Tick> put_off_at;  // the last of them
    Tick asked_at = 0;
  };
  std::unordered_map<SegmentId, NewDevices> new_devices;        // of the second in progress
  std::vector<std::pair<SlotId, std::uint64_t>> retired_slots;  // out of the index; with the stamp to wait for
  std::uint64_t devices_put_off = 0;
  bool told_device_table_filling = false, told_device_table_full = false, announcements = false;
  bool quarantines_unsaved = false;  // a transaction with some of them failed
  struct Capturing {
    std::string id;
    WallTime since{};
    std::unique_ptr<capture::LiveCapture> live;
  };
  std::optional<Capturing> capturing;  // one at a time
  quarantine::Ledger ledger;
  quarantine::Breaker breaker;
  std::set<std::string> open_breakers;
  findings::Ledger findings;
  findings::AddressUse address_use;
  findings::MacUse mac_use;
  findings::Voices voices;
  findings::ClassServers class_servers;
  findings::OneSided one_sided;
  findings::ClassHours class_hours;
  std::map<std::array<std::uint16_t, 4>, Tick> unmapped_tags;  // bundle, tags and their number: when told last
  std::string check_turn;                                      // id of the device whose turn came last
  std::set<std::string> relay_names;                           // of switches that option 82 named; bounded
  struct HeardNeighbour {
    identity::Neighbour said;
    WallTime last_seen{};
  };
  std::map<Leg, std::vector<HeardNeighbour>> neighbours;  // bounded, each leg's too
  std::uint64_t neighbours_changed = 1;
  struct Link {
    std::string usual, speed;  // "1 Gb/s full duplex"
    WallTime since{};          // of `speed`
  };
  std::map<std::string, Link> links;       // by the leg's name
  inventory::Conversations conversations;  // of the second in progress; bounded

  std::deque<RecentRecord> recent_flows, recent_violations;
  OpenFlows open_exchanges{options.recent_records};  // their application was proved
  OpenFlows open_unanswered{options.recent_records}, open_blocked{options.recent_records};
  LegLosses leg_losses;
  std::map<std::string, std::uint64_t, std::less<>> made;
  std::vector<std::pair<std::string, std::string>> outbox;  // type, JSON: to the next sink
  std::uint64_t next_id = 1, store_failures = 0, events_taken = 0;
  std::uint64_t records_lost = 0, records_uncommitted = 0;  // by the store
  std::string last_store_error;

  WallTime started{};  // of this run

  // Of the call in progress.
  Tick now = 0;
  WallTime wall{};
  Tick saved_at = 0, minute_at = 0;
  std::optional<Tick> store_tried_again_at;  // set while the store takes nothing
};

}  // namespace wardline::appliance
