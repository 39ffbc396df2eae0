#include "dataplane/detect/echoes.h"

#include <algorithm>

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

constexpr std::size_t kTimestamp = 24;  // at most this much at the front is a time and a counter of the sender

std::uint32_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto byte : bytes) hash = (hash ^ std::to_integer<std::uint8_t>(byte)) * 0x100000001b3;
  return static_cast<std::uint32_t>(mix(hash));
}

// Each byte from `from` on is the one before it, plus `step`.
bool counts_up(std::span<const std::byte> bytes, std::size_t from, std::uint8_t step) {
  for (std::size_t i = from + 1; i < bytes.size(); ++i)
    if (std::to_integer<std::uint8_t>(bytes[i]) !=
        static_cast<std::uint8_t>(std::to_integer<std::uint8_t>(bytes[i - 1]) + step))
      return false;
  return true;
}

bool is_alphabet(std::span<const std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)  // a to w, again and again
    if (std::to_integer<std::size_t>(bytes[i]) != 'a' + i % 23) return false;
  return true;
}

}  // namespace

bool is_plain_echo(std::span<const std::byte> body) {
  if (body.size() <= kTimestamp || is_alphabet(body)) return true;
  for (const std::size_t from : {std::size_t{0}, std::size_t{8}, std::size_t{16}, kTimestamp})
    if (counts_up(body, from, 1) || counts_up(body, from, 0)) return true;
  return false;
}

void watch_echo(Watched& watched, const Settings& settings, const Echo& echo, CoarseTick now, Alarms& alarms) {
  const Setting& setting = setting_of(settings, Detector::kIcmpTunnel);
  if (!setting.enabled) return;
  const auto whole = hash_of(echo.body);
  const auto question = static_cast<std::uint32_t>(mix(echo.peer + echo.number)) | 1;
  std::uint32_t odd = 0;
  // D5 20 08 80 stands at the front of what ptunnel sends.
  if (packet::Cursor cursor(echo.body); cursor.u32() == 0xd5200880) odd = setting.count;
  if (echo.request) {
    if (!is_plain_echo(echo.body)) {
      const auto body = hash_of(echo.body.subspan(kTimestamp)) | 1;
      const auto peer = static_cast<std::uint32_t>(mix(echo.peer)) | 1;
      auto& bodies = watched.echo_bodies;
      auto known = std::ranges::find(bodies, peer, &Watched::EchoBody::peer);
      if (known == bodies.end()) known = std::ranges::min_element(bodies, {}, &Watched::EchoBody::changes);
      if (known->peer == peer && known->body != body) ++odd, ++known->changes;
      *known = {.peer = peer, .body = body, .changes = known->peer == peer ? known->changes : 0};
    }
    watched.echo_asked = whole;
    watched.echo_question = question;
  } else if (watched.echo_question == question && watched.echo_asked != whole) {
    ++odd;  // RFC 792: the data of the request comes back unchanged
  }
  if (odd == 0) return;
  raise(watched, settings, Detector::kIcmpTunnel, watched.odd_echoes.add(odd, now, span_of(setting)), now, {}, alarms);
}

}  // namespace wardline::detect
