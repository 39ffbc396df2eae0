#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/detect/alarm.h"
#include "dataplane/detect/watched.h"

namespace wardline::detect {

// An ICMP echo (RFC 792, RFC 4443): `body` is what follows its header of 8 bytes.
struct Echo {
  bool request = false;
  std::uint64_t peer = 0;    // hash of who is asked or answers
  std::uint16_t number = 0;  // its sequence number
  std::span<const std::byte> body;
};

// Whether the body is what known pings send: an alphabet (Windows), bytes that count up after a time (Unix), or one
// byte repeated.
bool is_plain_echo(std::span<const std::byte> body);

// Echoes that carry something: a body that is no ping's and changes from one to the next, an answer that is not what
// was asked, ptunnel's mark. A monitor that sends a text of its own, always the same, is none, nor is one that asks
// many at once: each peer is judged by itself.
void watch_echo(Watched& watched, const Settings& settings, const Echo& echo, CoarseTick now, Alarms& alarms);

}  // namespace wardline::detect
