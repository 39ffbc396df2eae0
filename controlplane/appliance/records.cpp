// Where records go: the lists for the command line, the store, the caller's sink; and alerts on their way out.
#include <fmt/format.h>

#include <utility>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

std::string Appliance::Impl::new_id(std::string_view prefix) {
  return fmt::format("{}-{}-{}", prefix, run, next_id++);
}

std::string Appliance::Impl::flow_id_of(const Event& event) const {
  return fmt::format("f-{}-{}-{}", run, event.worker, event.flow_id);
}

// For the command line, which asks about what happened lately.
void Appliance::Impl::remember(const Event& event, const records::Facts& facts, const std::string& json) {
  auto& list = facts.head.type == "flow" ? recent_flows : recent_violations;
  list.push_back({event, wall, facts.head.type, facts.head.id, facts.head.device_id, json, facts.explanation});
  if (list.size() > options.recent_records) list.pop_front();
}

void Appliance::Impl::emit(const records::Head& head, std::string json, std::string verdict, std::string rule) {
  ++made[head.type];
  if (store && head.type != "device")
    store_record({.row = 0,
                  .type = head.type,
                  .id = head.id,
                  .time = head.time,
                  .device_id = head.device_id,
                  .verdict = std::move(verdict),
                  .rule = std::move(rule),
                  .json = json});
  outbox.emplace_back(head.type, std::move(json));
}

// What the store cannot take is counted and not kept for later: there may be as many records as there are events.
void Appliance::Impl::store_record(inventory::StoredRecord record) {
  if (!store_ready()) {
    ++records_lost;
    return;
  }
  const auto done = store->append_record(record);
  note_store(done);
  ++(done ? records_uncommitted : records_lost);
}

void Appliance::Impl::find_out(const records::Finding& finding, const DeviceState* state) {
  tell_finding(records::head_of("finding", new_id("n"), wall, options.name, in_force(),
                                state == nullptr ? nullptr : &state->device),
               finding);
}

void Appliance::Impl::tell_finding(const records::Head& head, const records::Finding& finding) {
  emit(head, records::finding_record(head, finding), "", "");
  if (!sender || finding.state != "open" || (finding.severity != "high" && finding.severity != "critical")) return;
  const auto kind = finding.kind + " " + head.device_id;
  if (const auto count = finding_throttle.pass(kind, {head, finding}, 1, now))
    send_alert(alerts::finding_alert(head, finding, options.version, *count), wall);
}

void Appliance::Impl::send_alert(const alerts::Alert& alert, WallTime time) {
  if (sender) sender->send(alert, options.name, time);
}

void Appliance::Impl::send_due_alerts() {
  if (!sender) return;
  for (const auto& due : throttle.due(now))
    send_alert(alerts::violation_alert(due.payload, options.version, due.count), due.payload.head.time);
  for (const auto& due : detection_throttle.due(now))
    send_alert(alerts::detection_alert(due.payload, options.version, due.count), due.payload.head.time);
  for (const auto& due : finding_throttle.due(now))
    send_alert(alerts::finding_alert(due.payload.head, due.payload.finding, options.version, due.count),
               due.payload.head.time);
}

// Ends what the call in progress has written, then passes it on: a record that went out is in the store.
void Appliance::Impl::deliver(const Sink& sink) {
  commit_store();
  if (sink)
    for (const auto& [type, json] : outbox) sink(type, json);
  outbox.clear();
}

void Appliance::Impl::note_store(const Result<void>& done) {
  if (done) return;
  ++store_failures;
  last_store_error = done.error().text();
}

// A person has to hear that the inventory was begun anew: approvals, ends of quarantines and classes are gone with it.
void Appliance::Impl::tell_store_warnings() {
  if (!store) return;
  for (const auto& warning : store->warnings()) {
    note_store(std::unexpected(warning));
    find_out({.kind = "inventory_set_aside", .severity = "high", .explanation = warning.text() + "."}, nullptr);
  }
}

// Begins a transaction, which the end of the call commits; false where a write is not worth trying. Each try waits for
// another program's lock, so after one that failed to begin the store is left alone for a while: thousands of events
// that wait in turn would stop everything else that this thread does.
bool Appliance::Impl::store_ready() {
  constexpr Tick kPause = 10 * kSecond;
  if (store_tried_again_at && now < *store_tried_again_at) return false;
  store_tried_again_at.reset();
  const auto begun = store->begin();
  note_store(begun);
  if (begun) return true;
  store_tried_again_at = now + kPause;
  return false;
}

// A transaction that fails takes all of it along, so what is true is written again with the next one.
bool Appliance::Impl::commit_store() {
  if (!store) return true;
  const auto done = store->commit();
  note_store(done);
  const auto records = std::exchange(records_uncommitted, 0);
  if (done) return true;
  records_lost += records;
  quarantines_unsaved = true;
  findings.unsaved_all();
  class_servers.unsaved_all();
  for (auto& [id, state] : devices) state->dirty = true;
  return false;
}

// Devices change with every flow; they are written together, at most a second later.
void Appliance::Impl::save_dirty(bool all) {
  if (!store || (!all && now < saved_at + kSecond)) return;
  if (all) store_tried_again_at.reset();
  if (!store_ready()) return;
  saved_at = now;
  for (auto& [id, state] : devices) {
    if (!state->dirty) continue;
    const auto done = store->save_device(state->device, wall);
    note_store(done);
    state->dirty = !done.has_value();
  }
  if (std::exchange(quarantines_unsaved, false)) {
    for (const auto& [id, state] : devices)
      if (state->hold_until) note_store(store->save_hold(id, *state->hold_until));
    for (const auto* quarantine : ledger.all()) {
      note_store(store->save_quarantine(*quarantine));
      for (const auto& approval : quarantine->approvals) note_store(store->add_approval(approval));
    }
  }
  save_findings();
  save_conversations();
  if (commit_store()) conversations.clear();
}

}  // namespace wardline::appliance
