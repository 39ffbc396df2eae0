// `wardline trace`: whether a conversation came here, what was decided, and whether an answer came.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/appliance/trace_question.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostFlows = 50;  // in one answer

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json port_or_null(std::uint16_t port) {
  return port == 0 ? Json(nullptr) : Json(port);
}

Json roles_of(const policy::Policy* policy, const End& end) {
  Json roles = Json::array();
  if (policy == nullptr) return roles;
  const auto in = [&](const policy::AddressRange& range) {
    return std::ranges::any_of(end.addresses,
                               [&](const Address& one) { return !(one < range.low || range.high < one); });
  };
  for (const auto& [role, ranges] : policy->roles)
    if (std::ranges::any_of(ranges, in)) roles.push_back(role);
  return roles;
}

Json end_json(const Appliance::Impl& impl, const End& end) {
  Json json{{"asked", end.asked}, {"addresses", Json::array()}, {"roles", roles_of(impl.in_force(), end)}};
  for (const auto& address : end.addresses) json["addresses"].push_back(inventory::text_of(address));
  json["device_id"] = end.state == nullptr ? Json(nullptr) : Json(end.state->device.id);
  if (end.state == nullptr) return json;
  const auto& device = end.state->device;
  json["hostname"] = text_or_null(device.hostname);
  json["class"] = device.device_class;
  json["segment"] = device.interfaces.empty() ? Json(nullptr) : text_or_null(device.interfaces.front().segment);
  json["quarantine"] = device.quarantine;
  json["last_seen"] = records::text_of(device.last_seen);
  return json;
}

Json lost_json(const std::vector<LegLoss>& losses) {
  Json list = Json::array();
  for (const auto& loss : losses)
    list.push_back({{"bundle", loss.bundle},
                    {"leg", loss.name},
                    {"lost_in", loss.lost_in},
                    {"lost_out", loss.lost_out},
                    {"since", loss.since},
                    {"until", loss.until}});
  return list;
}

void add_losses(const LegLosses& losses, std::string_view now, TracedFlow& flow) {
  if (flow.applied == "dropped") return;
  flow.lost = losses.between(flow.bundle, flow.first, flow.open ? now : flow.last);
  flow.lost_known = flow.first >= losses.known_since();
}

Json flow_json(const TracedFlow& flow) {
  const auto outcome = outcome_of(flow);
  return {{"id", flow.id},
          {"time", flow.first},
          {"end", flow.last},
          {"open", flow.open},
          {"device_id", text_or_null(flow.device_id)},
          {"segment", text_or_null(flow.segment)},
          {"bundle", text_or_null(flow.bundle)},
          {"mode", text_or_null(flow.mode)},
          {"opened_by", flow.opened_by},
          {"proto", flow.proto},
          {"client_ip", flow.client_ip},
          {"client_port", port_or_null(flow.client_port)},
          {"server_ip", flow.server_ip},
          {"server_port", port_or_null(flow.server_port)},
          {"app", text_or_null(flow.app)},
          {"verdict", flow.verdict},
          {"applied", flow.applied},
          {"rule", text_or_null(flow.rule)},
          {"rule_at", text_or_null(flow.rule_at)},
          {"step", flow.step},
          {"reason", text_or_null(flow.reason)},
          {"policy_hash", text_or_null(flow.policy_hash)},
          {"policy_commit", text_or_null(flow.policy_commit)},
          {"flows", flow.flows},
          {"packets_from_client", flow.counted ? Json(flow.packets_there) : Json(nullptr)},
          {"packets_to_client", flow.counted ? Json(flow.packets_back) : Json(nullptr)},
          {"lost", lost_json(flow.lost)},
          {"outcome", outcome.word},
          {"conclusion", outcome.sentence},
          {"explanation", flow.explanation}};
}

// What the inventory remembers of the two, under the role that stands for the peer where it has one.
Json remembered(const Appliance::Impl& impl, const End& device, const End& peer, std::uint16_t port) {
  Json list = Json::array();
  if (device.state == nullptr) return list;
  std::vector<std::string> names;
  for (const auto& address : peer.addresses) names.push_back(impl.peer_name(address, inventory::text_of(address)));
  for (const auto& [key, sums] : impl.conversations_of(device.state->device.id)) {
    if (std::ranges::count(names, key.peer) == 0 || (port != 0 && key.port != port)) continue;
    list.push_back({{"device_id", key.device_id},
                    {"direction", key.to_device ? "to_device" : "from_device"},
                    {"peer", key.peer},
                    {"app", text_or_null(key.app)},
                    {"proto", key.proto},
                    {"port", port_or_null(key.port)},
                    {"verdict", key.verdict},
                    {"flows", sums.flows},
                    {"packets", sums.packets},
                    {"first_seen", records::text_of(sums.first_seen)},
                    {"last_seen", records::text_of(sums.last_seen)}});
  }
  return list;
}

std::uint64_t seconds_of(CoarseTick duration) {
  return ((std::uint64_t{duration} << 20) + kSecond / 2) / kSecond;
}

// What may be under way and cannot be known yet, since a worker tells of a flow when it has something to tell.
Json untold(const Appliance::Impl& impl, const Found& found) {
  Json list = Json::array();
  if (!impl.current) {
    list.push_back("no policy is in force: everything passes, and nothing of it is told");
    return list;
  }
  const auto& times = impl.current->plain.timeouts;
  list.push_back(fmt::format(
      "a block is told at its first packet, an allowed flow once it was answered and recognised, or was not answered "
      "for {} s; any other flow every {} s, and at its end: TCP {} s after its last packet ({} s once closed), UDP "
      "{} s (answered {} s), others {} s. What began later may not be told yet",
      kUnansweredAfter / kSecond, impl.options.flow_report.count(), seconds_of(times.tcp_opening),
      seconds_of(times.tcp_closing), seconds_of(times.udp_one_way), seconds_of(times.udp), seconds_of(times.other)));
  if (found.told_together != 0)
    list.push_back(
        fmt::format("{} flows were told together under load, without their peer or port: it may be among them",
                    found.told_together));
  std::uint64_t lost = 0;
  for (const auto& source : impl.sources)
    if (source.counters != nullptr)
      lost += source.counters->of(Tally::kFlowRecordsLost) + source.counters->of(Tally::kViolationsLost);
  if (lost != 0)
    list.push_back(fmt::format("{} records were lost under load since the start: it may be among them", lost));
  return list;
}

// What the legs lost before it was judged; of a bundle nothing is known where nothing was seen.
std::string lost_since(const LegLosses& losses, std::string_view from, std::string_view now) {
  auto lost = losses.between("", from, now);
  for (auto& loss : lost) loss.lost_out = 0;
  std::erase_if(lost, [](const LegLoss& loss) { return loss.lost_in == 0; });
  return lost.empty() ? "" : fmt::format("; {}: it may be among them", text_of(lost));
}

Outcome nothing_seen(const Question& question, const Found& found, const Json& remembered, const std::string& lost) {
  if (!question.after.empty())
    return {"not_told", fmt::format("nothing told while watching: nothing {}, nor the other way, was blocked, no "
                                    "answered flow was recognised, and none was without an answer for {} s{}",
                                    question.text(), kUnansweredAfter / kSecond, lost)};
  auto sentence = fmt::format("not seen: nothing {} reached this appliance since {} UTC, nor the other way",
                              question.text(), found.since.substr(0, 10) + " " + found.since.substr(11, 8));
  if (!remembered.empty()) sentence += "; what the inventory remembers is older, or of another address of that role";
  return {"not_seen", sentence + lost};
}

}  // namespace

Result<std::string> Appliance::Impl::trace(std::string_view from, std::string_view to, std::uint16_t port,
                                           const std::string& after) const {
  auto one = end_of(*this, from), other = end_of(*this, to);
  if (!one || !other) return std::unexpected(one ? other.error() : one.error());
  const Question question{std::move(*one), std::move(*other), port, after};
  const auto found = find(*this, question);
  auto flows = found.flows.newest_first();
  std::erase_if(flows, [&](const TracedFlow& flow) { return flow.last < after && !flow.open; });
  const auto all = flows.size();
  flows.resize(std::min(all, kMostFlows));
  const auto time = records::text_of(wall);
  for (auto& flow : flows) add_losses(leg_losses, time, flow);
  Json known = remembered(*this, question.from, question.to, port);
  for (auto& item : remembered(*this, question.to, question.from, port)) known.push_back(std::move(item));
  const auto outcome = flows.empty() ? nothing_seen(question, found, known, lost_since(leg_losses, found.since, time))
                                     : outcome_of(flows.front());
  Json json{{"time", time},
            {"from", end_json(*this, question.from)},
            {"to", end_json(*this, question.to)},
            {"port", port_or_null(port)},
            {"since", found.since},
            {"lost_known_since", leg_losses.known_since()},
            {"flows", Json::array()}};
  for (const auto& flow : flows) json["flows"].push_back(flow_json(flow));
  json["more_flows"] = all - flows.size();
  json["conversations"] = std::move(known);
  json["untold"] = untold(*this, found);
  json["outcome"] = outcome.word;
  json["conclusion"] = outcome.sentence;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wardline::appliance
