#pragma once
#include <array>
#include <optional>

#include "dataplane/related/announcement.h"
#include "dataplane/tick.h"

namespace wardline::related {

// A question for the port of an RPC program: GETPORT of version 2 (RFC 1833, 3), GETADDR and GETVERSADDR of 3 and 4.
struct PortmapCall {
  std::uint32_t xid = 0;
  std::uint8_t version = 0;
  std::uint8_t proto = 0;  // that the program is asked for: TCP or UDP
};

// `stream`: over TCP, where each message follows a mark of four bytes (RFC 5531, 11); read if it begins this payload.
std::optional<PortmapCall> read_portmap_call(std::span<const std::byte> payload, bool stream);

// The number of the question that this answers, if it is an answer.
std::optional<std::uint32_t> read_reply_number(std::span<const std::byte> payload, bool stream);
Announcements read_portmap_reply(std::span<const std::byte> payload, bool stream, const PortmapCall& call);

// Questions that wait for their answers. Bounded: a later one may take an earlier one's place. Owner: one worker.
class PortmapCalls {
 public:
  void ask(std::uint64_t flow, const PortmapCall& call, Tick now);
  // Once; nothing if it was not asked in this flow within ten seconds.
  std::optional<PortmapCall> answered(std::uint64_t flow, std::uint32_t xid, Tick now);

 private:
  struct Asked {
    std::uint64_t flow = 0;
    PortmapCall call;
    Tick expires = 0;
  };
  Asked& place_of(std::uint64_t flow, std::uint32_t xid);
  std::array<Asked, 512> asked_{};
};

}  // namespace wardline::related
