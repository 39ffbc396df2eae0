#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/flow/stream_state.h"
#include "tests/unit/dataplane/facts/wire.h"

namespace wardline::facts {

// What one side of a flow sent: over TCP its first bytes in order, else its first datagrams.
struct SentBytes {
  std::uint16_t from_port = 0, to_port = 0;
  Octets stream;
  std::vector<Octets> datagrams;
  // Of which the stream is made: where it begins, and each segment by its offset.
  std::optional<std::uint32_t> first_sequence;
  std::map<std::uint32_t, Octets> segments;
};

// By "tcp 10.0.0.1:1024 10.0.0.2:443", the sender first; a SYN on ports used before starts a side with "again" behind
// that. A capture that cannot be read is empty.
std::map<std::string, SentBytes> payloads_of_capture(const std::string& path);

}  // namespace wardline::facts
