#include "controlplane/daemon/replies.h"

#include <nlohmann/json.hpp>

namespace wardline::daemon {
namespace {

using Json = nlohmann::ordered_json;

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string op_of(const Json& request) {
  const auto op = request.is_object() ? request.find("op") : request.end();
  return request.is_object() && op != request.end() && op->is_string() ? op->get<std::string>() : std::string();
}

}  // namespace

std::optional<std::string> reload_request(const std::string& text) {
  const auto request = Json::parse(text, nullptr, false);
  if (op_of(request) != "policy.reload") return std::nullopt;
  const auto directory = request.find("directory");
  return directory != request.end() && directory->is_string() ? directory->get<std::string>() : std::string();
}

std::string busy_reply() {
  return appliance::policy_reply(
      std::unexpected(Errors{{"policy.busy", "", "another policy is being loaded; ask again in a moment"}}));
}

namespace {

// A leg by the numbers that workers know it by: bundles and pairs in the order of the settings.
struct NumberedLeg {
  const runtime::LegStatus& leg;
  int bundle, pair;
  std::string_view side() const { return leg.side == Side::kDevice ? "device" : "core"; }
};

std::vector<NumberedLeg> numbered(const std::vector<runtime::LegStatus>& legs) {
  std::vector<NumberedLeg> list;
  int bundle = -1, pair = -1;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const bool other_bundle = i == 0 || legs[i].bundle != legs[i - 1].bundle;
    if (other_bundle) ++bundle, pair = -1;
    if (other_bundle || legs[i].pair != legs[i - 1].pair) ++pair;
    list.push_back({legs[i], bundle, pair});
  }
  return list;
}

// Those of `neighbours` (of the appliance) that are at this leg, without its numbers.
Json neighbours_at(const NumberedLeg& here, const Json& neighbours) {
  Json list = Json::array();
  for (auto each : neighbours) {
    if (each["bundle"] != here.bundle || each["pair"] != here.pair || each["side"] != here.side()) continue;
    for (const char* number : {"bundle", "pair", "side"}) each.erase(number);
    list.push_back(std::move(each));
  }
  return list;
}

Json duplex_of(const runtime::LinkSpeed& speed) {
  return speed.megabits == 0 ? Json(nullptr) : Json(speed.full_duplex ? "full" : "half");
}

Json ports_of(const DaemonState& state, const Json& neighbours) {
  Json ports = Json::array();
  for (const auto& numbered_leg : numbered(state.legs)) {
    const auto& leg = numbered_leg.leg;
    ports.push_back({{"bundle", leg.bundle},
                     {"pair", leg.pair},
                     {"side", numbered_leg.side()},
                     {"spec", leg.spec},
                     {"driver", leg.driver},
                     {"link", leg.up ? "up" : "down"},
                     {"speed_mbps", leg.speed.megabits == 0 ? Json(nullptr) : Json(leg.speed.megabits)},
                     {"duplex", duplex_of(leg.speed)},
                     {"mtu", leg.mtu},
                     {"mac", leg.mac},
                     {"rx_frames", leg.rx_frames},
                     {"tx_frames", leg.tx_frames},
                     {"rx_bytes", leg.rx_bytes},
                     {"tx_bytes", leg.tx_bytes},
                     {"missed", leg.missed},
                     {"errors", leg.rx_errors + leg.tx_errors},
                     {"no_buffers", leg.no_buffers},
                     {"not_sent", leg.not_sent},
                     {"neighbours", neighbours_at(numbered_leg, neighbours)}});
  }
  return ports;
}

// Which legs a conversation comes in and goes out by, and whether they have a link.
std::string add_legs(std::string answer, const DaemonState& state) {
  auto json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("trace")) return answer;
  auto& legs = json["trace"]["legs"] = Json::array();
  for (const auto& leg : state.legs)
    legs.push_back({{"bundle", leg.bundle},
                    {"pair", leg.pair},
                    {"side", leg.side == Side::kDevice ? "device" : "core"},
                    {"spec", leg.spec},
                    {"link", leg.up ? "up" : "down"}});
  return line(json);
}

std::string add_numbered_legs(std::string answer, const DaemonState& state) {
  auto json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("capture")) return answer;
  auto& list = json["capture"]["legs"] = Json::array();
  for (const auto& each : numbered(state.legs))
    list.push_back({{"bundle", each.bundle}, {"pair", each.pair}, {"side", each.side()}, {"name", each.leg.name()}});
  return line(json);
}

}  // namespace

std::string add_state(std::string answer, const std::string& request, const DaemonState& state) {
  const auto op = op_of(Json::parse(request, nullptr, false));
  if (op == "trace") return add_legs(std::move(answer), state);
  if (op == "capture.start") return add_numbered_legs(std::move(answer), state);
  if (op != "status") return answer;
  auto json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("status")) return answer;
  Json threads = Json::array();
  for (const auto& lane : state.lanes)
    threads.push_back({{"bundle", lane.lane.bundle},
                       {"queue", lane.lane.queue},
                       {"core", lane.lane.core},
                       {"turns", lane.turns},
                       {"busy_turns", lane.busy_turns},
                       {"busy_cycles", lane.busy_cycles},
                       {"cycles", lane.cycles}});
  Json terms = Json::array();
  for (const auto& term : state.memory)
    terms.push_back({{"name", std::string(term.name)}, {"count", term.count}, {"bytes", term.bytes}});
  json["status"]["policy_loading"] = state.policy_loading;
  json["status"]["memory_of_a_worker"] = std::move(terms);
  if (const auto& offload = state.offload)
    json["status"]["offload"] = {{"flows", offload->flows},
                                 {"offered", offload->offered},
                                 {"inserted", offload->inserted},
                                 {"refused", offload->refused},
                                 {"flushed", offload->flushed}};
  auto& status = json["status"];
  status["ports"] = ports_of(state, status.value("neighbours", Json::array()));
  status.erase("neighbours");
  json["status"]["lanes"] = std::move(threads);
  return line(json);
}

}  // namespace wardline::daemon
