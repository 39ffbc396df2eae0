#include "dataplane/detect/connections.h"

#include <algorithm>

namespace wardline::detect {

namespace {

constexpr std::uint16_t kSsh = 22, kNtp = 123, kRdp = 3389, kVnc = 5900, kDns = 53;

// Services that ask for a name and password at the start of each connection and whose refusal cannot be read. Where it
// can (FTP, telnet, SMB, HTTP, mail), only refusals count: an analyser that brings each result by a connection of its
// own guesses nothing.
bool asks_for_password(std::uint16_t port) {
  static constexpr std::uint16_t kPorts[] = {kSsh, kRdp, kVnc};
  return std::ranges::find(kPorts, port) != std::end(kPorts);
}

// Services over UDP whose answers can be many times as large as the question (US-CERT TA14-017A): chargen, DNS, NTP,
// SNMP, CLDAP, SSDP, memcached.
bool amplifies(std::uint16_t port) {
  static constexpr std::uint16_t kPorts[] = {19, kDns, kNtp, 161, 389, 1900, 11211};
  return std::ranges::find(kPorts, port) != std::end(kPorts);
}

// As how many peers one counts that refused or never answered. Worms live on shells, shares and remote desktops: who
// looks for these at random finds little, and a device has few such peers. An echo asks whether somebody is there.
std::uint32_t weight_of(const Connection& flow) {
  static constexpr std::uint16_t kOfWorms[] = {kSsh, 23, 139, 445, 2323, kRdp, 5555};
  if (flow.proto == packet::kProtoIcmp || flow.proto == packet::kProtoIcmp6) return 2;
  const bool of_worms =
      flow.proto == packet::kProtoTcp && std::ranges::find(kOfWorms, flow.peer_port) != std::end(kOfWorms);
  return of_worms ? 3 : 1;
}

// Datagrams that expect no answer: from the port of a service to whoever asked by group (SSDP, WS-Discovery, mDNS,
// LLMNR), and the probes of traceroute, which are answered by ICMP.
bool is_no_question(const Connection& flow) {
  if (flow.proto != packet::kProtoUdp) return false;
  constexpr std::uint16_t kSsdp = 1900, kWsDiscovery = 3702, kMdns = 5353, kLlmnr = 5355;
  const auto from = flow.device_port;
  const bool service = from < 1024 || from == kSsdp || from == kWsDiscovery || from == kMdns || from == kLlmnr;
  return (service && flow.peer_port >= 1024) || (flow.peer_port >= 33434 && flow.peer_port < 33534);
}

std::uint32_t short_hash(std::uint64_t mixed) {
  return static_cast<std::uint32_t>(mixed) | 1;
}

template <std::size_t N>
Watched::Counted& find_counted(std::array<Watched::Counted, N>& places, std::uint32_t what) {
#pragma GCC unroll 4
  for (auto& place : places)
    if (place.what == what) return place;
  const auto seen = [](const Watched::Counted& place) { return place.seen.estimate(); };
  auto& least = *std::ranges::min_element(places, {}, seen);
  least = {.what = what, .seen = {}};
  return least;
}

}  // namespace

void watch_rhythm(Watched& watched, const Settings& settings, std::uint64_t peer, std::uint16_t port, CoarseTick now,
                  Alarms& alarms) {
  const Setting& setting = setting_of(settings, Detector::kBeaconing);
  if (!setting.enabled || port == kNtp || port == kDns) return;
  constexpr CoarseTick kSoonest = coarse_duration(2 * kSecond), kSlack = coarse_duration(100 * kMillisecond);
  const auto what = short_hash(mix(peer + port));
  auto* rhythm = &watched.rhythms[0];
  for (auto& each : watched.rhythms) {
    if (each.what == what) {
      rhythm = &each;
      break;
    }
    if (each.what == 0 || (rhythm->what != 0 && age(now, each.last) > age(now, rhythm->last))) rhythm = &each;
  }
  if (rhythm->what != what) {
    *rhythm = {.what = what, .first = now, .last = now};
    return;
  }
  const CoarseTick interval = age(now, rhythm->last);
  if (interval < kSoonest) return;  // part of the same visit
  const CoarseTick difference = interval > rhythm->interval ? interval - rhythm->interval : rhythm->interval - interval;
  if (rhythm->interval != 0 && difference <= rhythm->interval / 10 + kSlack) {
    ++rhythm->regular;
    rhythm->interval += (static_cast<std::int32_t>(interval) - static_cast<std::int32_t>(rhythm->interval)) / 4;
  } else {
    rhythm->regular = 1;
    rhythm->interval = interval;
    rhythm->first = rhythm->last;
  }
  rhythm->last = now;
  if (age(now, rhythm->first) > span_of(setting)) {  // slower than the window allows
    rhythm->first = now;
    rhythm->regular = 0;
  }
  raise(watched, settings, Detector::kBeaconing, rhythm->regular, now, kNoNote, alarms);
}

void failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms) {
  if (!flow.by_device || is_no_question(flow)) return;
  const bool ports = flow.proto == packet::kProtoTcp || flow.proto == packet::kProtoUdp;
  const std::uint16_t port = ports ? flow.peer_port : std::uint16_t{0};
  const auto service = std::uint32_t{flow.proto} << 16 | port;
  const auto of_peer = mix(flow.peer), of_service = mix(service);
  if (ports) {
    auto& peer = find_counted(watched.ports_of_peer, short_hash(of_peer));
    const auto count = peer.seen.add(of_service, now, span_of(setting_of(settings, Detector::kPortScan)));
    raise(watched, settings, Detector::kPortScan, count, now, kNoNote, alarms);
  }
  auto& peers = find_counted(watched.peers_of_service, short_hash(of_service));
  const auto count = peers.seen.add(of_peer, now, span_of(setting_of(settings, Detector::kHostScan)));
  raise(watched, settings, Detector::kHostScan, count * weight_of(flow), now, kNoNote, alarms);
  const auto all =
      watched.long_run.add(mix(flow.peer + service), now, span_of(setting_of(settings, Detector::kSlowScan)));
  raise(watched, settings, Detector::kSlowScan, all, now, kNoNote, alarms);
}

void login_failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms) {
  const auto port = flow.by_device ? flow.peer_port : flow.device_port;
  const auto what = short_hash(mix(flow.peer + (std::uint64_t{flow.by_device} << 16 | port)));
  auto* least = &watched.logins[0];
  for (auto& each : watched.logins) {
    if (each.what == what) {
      least = &each;
      break;
    }
    if (each.count.sum() < least->count.sum()) least = &each;
  }
  if (least->what != what) *least = {.what = what, .count = {}};
  const auto count = least->count.add(1, now, span_of(setting_of(settings, Detector::kBruteForce)));
  raise(watched, settings, Detector::kBruteForce, count, now, Note(flow.by_device ? "by the device" : "by its peer"),
        alarms);
}

void ended(Watched& watched, const Settings& settings, const Connection& flow, const Outcome& outcome, CoarseTick now,
           Alarms& alarms) {
  if (!outcome.answered) {
    failed(watched, settings, flow, now, alarms);
    return;
  }
  // A login that succeeds is followed by work: a connection that ended within half a minute and a few kilobytes is one
  // that was turned away.
  constexpr CoarseTick kSoon = coarse_duration(45 * kSecond);  // the idle time before the end included
  constexpr std::uint64_t kLittle = 8192, kSomething = 300;    // more than a handshake and its end
  const auto service = flow.by_device ? flow.peer_port : flow.device_port;
  const auto in_between = [](std::uint64_t bytes) { return bytes > kSomething && bytes < kLittle; };
  if (flow.syn && asks_for_password(service) && outcome.lived < kSoon && in_between(outcome.from_device) &&
      in_between(outcome.to_device))
    login_failed(watched, settings, flow, now, alarms);

  constexpr std::uint64_t kTimes = 8, kAtLeast = 4096;
  // A station that reads a printer's tables over SNMP asks little for much, too: only a stranger may be a victim.
  if (!flow.by_device && flow.stranger && flow.proto == packet::kProtoUdp && amplifies(flow.device_port) &&
      outcome.from_device > kAtLeast && outcome.from_device > kTimes * outcome.to_device) {
    const auto count = watched.amplified.add(1, now, span_of(setting_of(settings, Detector::kAmplification)));
    raise(watched, settings, Detector::kAmplification, count, now, kNoNote, alarms);
  }
}

}  // namespace wardline::detect
