// The command line's requests and their answers; see README.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "controlplane/appliance/request.h"
#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/text.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

constexpr std::uint64_t kLongest = 366ull * 86'400;  // seconds that a person's word may last

Json records_answer(const std::vector<std::string>& list) {
  Json records = Json::array();
  for (const auto& json : list) records.push_back(Json::parse(json, nullptr, false));
  return {{"ok", true}, {"records", std::move(records)}};
}

Json record_answer(const Result<quarantine::Quarantine>& done, const std::string& json) {
  if (!done) return refusal(done.error(), done.error().code == "quarantine.same-user" ? 4 : 1);
  return {{"ok", true}, {"record", Json::parse(json, nullptr, false)}};
}

Json counters_of(const std::vector<Appliance::Source>& sources) {
  std::uint64_t received = 0, bytes = 0, created = 0, forwarded = 0, held = 0;
  std::array<std::uint64_t, kReasonCount> dropped{}, failures{};
  std::array<std::uint64_t, kTallyCount> tallies{};
  for (const auto& source : sources) {
    if (source.counters == nullptr) continue;
    const auto& counters = *source.counters;
    received += counters.received.read();
    bytes += counters.received_bytes.read();
    created += counters.created.read();
    forwarded += counters.forwarded.read();
    held += counters.held.read();
    for (std::size_t i = 0; i < kReasonCount; ++i) dropped[i] += counters.dropped[i].read();
    for (std::size_t i = 0; i < kReasonCount; ++i) failures[i] += counters.failures[i].read();
    for (std::size_t i = 0; i < kTallyCount; ++i) tallies[i] += counters.tallies[i].read();
  }
  Json json{{"received", received},
            {"received_bytes", bytes},
            {"created", created},
            {"forwarded", forwarded},
            {"held", held}};
  json["dropped"] = Json::object();
  json["failures"] = Json::object();
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    if (dropped[i] != 0) json["dropped"][std::string(kReasons[i].name)] = dropped[i];
    if (failures[i] != 0) json["failures"][std::string(kReasons[i].name)] = failures[i];
  }
  for (std::size_t i = 0; i < kTallyCount; ++i) json[std::string(kTallyNames[i])] = tallies[i];
  return json;
}

Json status_of(const Appliance::Impl& impl) {
  std::map<std::string, std::size_t> classes;
  std::size_t quarantined = 0;
  for (const auto& [id, state] : impl.devices) {
    ++classes[state->device.device_class];
    quarantined += state->device.quarantine == "none" ? 0 : 1;
  }
  Json status{{"appliance", impl.options.name},
              {"time", records::text_of(impl.wall)},
              {"started", records::text_of(impl.started)},
              {"workers", impl.sources.size()}};
  status["policy"] = impl.current == nullptr
                         ? Json(nullptr)
                         : Json{{"directory", impl.current->directory},
                                {"site", impl.current->site},
                                {"policy_hash", impl.current->hash},
                                {"policy_commit", impl.current->commit ? Json(*impl.current->commit) : Json(nullptr)},
                                {"epoch", impl.names.epoch()}};
  status["devices"] = impl.devices.size();
  status["classes"] = classes;
  status["quarantined"] = quarantined;
  status["breakers_open"] = impl.open_breakers;
  status["slots"] = {
      {"used", impl.slots.used()}, {"capacity", impl.slots.capacity()}, {"new_devices_put_off", impl.devices_put_off}};
  status["counters"] = counters_of(impl.sources);
  status["records"] = impl.made;
  status["alerts"] = {{"sent", impl.sender ? impl.sender->sent() : 0},
                      {"lost", impl.sender ? impl.sender->lost() : 0},
                      {"withheld", impl.throttle.withheld()}};
  status["store"] = {{"path", impl.options.store_path.empty() ? Json(nullptr) : Json(impl.options.store_path)},
                     {"failures", impl.store_failures},
                     {"lost", impl.records_lost},
                     {"last_error", impl.last_store_error.empty() ? Json(nullptr) : Json(impl.last_store_error)}};
  std::map<std::string, std::size_t> open_findings;
  for (const auto* finding : impl.findings.all())
    if (finding->state == inventory::FindingState::kOpen) ++open_findings[finding->severity];
  status["findings"] = {{"open", open_findings}, {"without_room", impl.findings.refused()}};
  status["neighbours"] = Json::parse(impl.neighbours_json(), nullptr, false);
  status["lately"] = Json::parse(impl.lately(), nullptr, false);
  status["vendors"] = impl.oui
                          ? Json{{"prefixes", impl.oui->size()}, {"date", records::text_of(WallTime(impl.oui->date()))}}
                          : Json(nullptr);
  return {{"ok", true}, {"status", std::move(status)}};
}

Json device_list(const Appliance::Impl& impl) {
  Json records = Json::array();
  for (const auto& [id, state] : impl.devices) records.push_back(Json::parse(impl.device_json(*state), nullptr, false));
  return {{"ok", true}, {"records", std::move(records)}};
}

Json quarantine_list(const Appliance::Impl& impl, bool all) {
  Json records = Json::array();
  for (const auto* quarantine : impl.ledger.all()) {
    const bool open = quarantine->state == inventory::QuarantineState::kActive ||
                      quarantine->state == inventory::QuarantineState::kPending;
    if (all || open) records.push_back(Json::parse(impl.quarantine_json(*quarantine), nullptr, false));
  }
  return {{"ok", true}, {"records", std::move(records)}};
}

// Those that are not over, unless a state is asked for; the last seen first.
Json finding_list(const Appliance::Impl& impl, const Json& request, const std::string& device_id) {
  const auto kind = text_in(request, "kind"), severity = text_in(request, "severity"), word = text_in(request, "state");
  const auto state = inventory::finding_state_named(word);
  if (!word.empty() && !state) return bad("`state` is open, acknowledged or resolved");
  auto list = impl.findings.all();
  std::erase_if(list, [&](const inventory::Finding* finding) {
    const bool over = finding->state == inventory::FindingState::kResolved;
    return (state ? finding->state != *state : over) || (!device_id.empty() && finding->device_id != device_id) ||
           (!kind.empty() && finding->kind != kind) || (!severity.empty() && finding->severity != severity);
  });
  std::ranges::stable_sort(list, std::ranges::greater{}, &inventory::Finding::last_seen);
  Json records = Json::array();
  for (const auto* finding : list) records.push_back(Json::parse(impl.finding_json(*finding), nullptr, false));
  return {{"ok", true}, {"records", std::move(records)}};
}

Json finding_acknowledge(Appliance::Impl& impl, const Json& request, std::string_view user) {
  const auto note = text_in(request, "note");
  if (note.empty()) return bad("`note` is missing: say why, for whoever reads it later");
  const auto seconds = number_in(request, "for_seconds", 0);
  std::optional<WallTime> until;
  if (seconds != 0) until = impl.wall + std::chrono::seconds(std::min(seconds, kLongest));
  const auto done = impl.acknowledge(text_in(request, "id"), user, note, until);
  if (!done) return refusal(done.error(), 1);
  return {{"ok", true}, {"record", Json::parse(impl.finding_json(*done), nullptr, false)}};
}

// `after` is a time as records have it.
Json trace_answer(const Appliance::Impl& impl, const Json& request) {
  const auto from = text_in(request, "from"), to = text_in(request, "to"), after = text_in(request, "after");
  const auto port = number_in(request, "port", 0);
  if (from.empty() || to.empty()) return bad("`from` and `to` are an address or a device each");
  if (port > UINT16_MAX) return bad("`port` is a number up to 65535");
  if (!after.empty() && after.size() != records::text_of(impl.wall).size())
    return bad("`after` is a time as `time` of an answer gives it");
  const auto traced = impl.trace(from, to, static_cast<std::uint16_t>(port), after);
  if (!traced) return refusal(traced.error(), 1);
  return {{"ok", true}, {"trace", Json::parse(*traced, nullptr, false)}};
}

// All of a request or nothing: text from elsewhere is checked before the first device is touched.
Json place_import(Appliance::Impl& impl, const Json& request) {
  constexpr std::size_t kMostPlaces = 1000;
  const auto source = text_in(request, "source");
  const auto places = request.find("places");
  if (!identity::is_imported_place(source)) return bad("`source` is switch-table or radius");
  if (places == request.end() || !places->is_array() || places->size() > kMostPlaces)
    return bad(fmt::format("`places` is a list of at most {}", kMostPlaces));
  std::map<Mac, identity::ToldPlace> told_of;
  for (const auto& each : *places) {
    const auto mac = each.is_object() ? inventory::parse_mac(text_in(each, "mac")) : std::nullopt;
    if (!mac) return bad("a place has a `mac` such as 58:46:e1:00:01:07, a `switch` and a `port`");
    const auto now = std::chrono::floor<std::chrono::seconds>(impl.wall).time_since_epoch().count();
    const auto seconds =
        std::min(number_in(each, "seconds", static_cast<std::uint64_t>(now)), static_cast<std::uint64_t>(now));
    identity::ToldPlace told{.source = source,
                             .switch_name = inventory::clean_text(text_in(each, "switch"), identity::kMaxPlaceText),
                             .port = inventory::clean_text(text_in(each, "port"), identity::kMaxPlaceText),
                             .time = WallTime(std::chrono::seconds(seconds))};
    if (told.switch_name.empty() || told.port.empty()) return bad("a place has a `switch` and a `port`");
    told_of.insert_or_assign(*mac, std::move(told));
  }
  const auto taken = impl.import_places(told_of);
  return {{"ok", true}, {"placed", taken.placed}, {"unknown", taken.unknown}};
}

}  // namespace

std::string policy_reply(const std::expected<PolicySummary, Errors>& loaded) {
  if (loaded)
    return line({{"ok", true},
                 {"policy",
                  {{"directory", loaded->directory},
                   {"site", loaded->site},
                   {"policy_hash", loaded->hash},
                   {"policy_commit", loaded->commit.empty() ? Json(nullptr) : Json(loaded->commit)},
                   {"epoch", loaded->epoch},
                   {"classes", loaded->classes},
                   {"rules", loaded->rules},
                   {"segments", loaded->segments},
                   {"signatures", loaded->signatures}}}});
  Json errors = Json::array();
  for (const auto& error : loaded.error()) errors.push_back(fields_of(error));
  return line({{"ok", false}, {"exit", 1}, {"errors", std::move(errors)}});
}

std::string Appliance::Impl::device_json(const DeviceState& state) const {
  const auto head = records::head_of("device", state.device.id, wall, options.name, in_force(), &state.device);
  std::string purpose;
  if (current) {
    const auto number = records::class_named(*current, state.device.device_class);
    if (number < current->classes.size()) purpose = policy::text_of(current->classes[number].purpose);
  }
  return records::device_record(head, state.device, purpose);
}

std::string Appliance::Impl::answer(std::string_view text, std::string_view user) {
  const auto request = Json::parse(text, nullptr, false);
  if (!request.is_object()) return line(bad("a request is one JSON object"));
  const auto op = text_in(request, "op"), device = text_in(request, "device"), id = text_in(request, "id");
  const auto limit = static_cast<std::size_t>(std::min<std::uint64_t>(number_in(request, "limit", 100), 10'000));
  auto* named = device.empty() ? nullptr : find_device(device);
  const auto quarantined = [&](const Result<quarantine::Quarantine>& done) {
    return line(record_answer(done, done ? quarantine_json(*done) : ""));
  };
  const std::initializer_list<std::string_view> about_device{"device.show",    "explain", "flow.list",
                                                             "violation.list", "hold",    "finding.list"};
  const bool asks_device = std::find(about_device.begin(), about_device.end(), op) != about_device.end();
  if (asks_device && !device.empty() && named == nullptr)
    return line(refusal({"device.unknown", device,
                         "no device of this id, MAC or address was seen, and none alone has this host name; see "
                         "`wardline device list`"},
                        1));
  const std::string device_id = named == nullptr ? "" : named->device.id;

  if (op == "status") return line(status_of(*this));
  if (op == "device.list") return line(device_list(*this));
  if (op == "flow.list") return line(records_answer(records_of("flow", device_id, limit)));
  if (op == "violation.list") return line(records_answer(records_of("violation", device_id, limit)));
  if (op == "quarantine.list") return line(quarantine_list(*this, request.value("all", Json(false)) == Json(true)));
  if (op == "finding.list") return line(finding_list(*this, request, device_id));
  if (op == "trace") return line(trace_answer(*this, request));
  if (op == "finding.acknowledge") return line(finding_acknowledge(*this, request, user));
  if (op == "place.import") return line(place_import(*this, request));
  if (op.starts_with("capture.")) return answer_capture(text, user);
  if (op == "policy.reload")
    return policy_reply(
        load(text_in(request, "directory").empty() ? policy_directory : text_in(request, "directory"), policy_options));
  if (op == "quarantine.add") {
    const auto seconds = number_in(request, "for_seconds", 0);
    std::optional<WallTime> until;
    if (seconds != 0) until = wall + std::chrono::seconds(std::min(seconds, kLongest));
    const auto profile = text_in(request, "profile");
    return quarantined(
        quarantine_add(device, profile.empty() ? "contain" : profile, user, text_in(request, "reason"), until));
  }
  if (op == "quarantine.approve") return quarantined(quarantine_approve(id, user));
  if (op == "quarantine.reject") return quarantined(quarantine_reject(id, user));
  if (op == "quarantine.release") return quarantined(quarantine_release(id.empty() ? device : id, user));
  if (asks_device && named == nullptr) return line(bad("`device` is missing"));
  if (op == "device.show") return line({{"ok", true}, {"record", Json::parse(device_story(*named), nullptr, false)}});
  if (op == "hold") {
    named->hold_until =
        wall + std::chrono::seconds(std::min<std::uint64_t>(number_in(request, "for_seconds", 3600), 7 * 86'400));
    if (store && store_ready())
      note_store(store->save_hold(device_id, *named->hold_until));
    else
      quarantines_unsaved = true;
    sync_slot(*named);
    return line({{"ok", true}, {"device_id", device_id}, {"until", records::text_of(*named->hold_until)}});
  }
  if (op == "explain") {
    const auto told = explain(device_id, text_in(request, "flow"));
    return told ? line({{"ok", true}, {"device_id", device_id}, {"text", *told}}) : line(refusal(told.error(), 1));
  }
  return line(bad(fmt::format("unknown request \"{}\"", op)));
}

}  // namespace wardline::appliance
