#pragma once
#include <cstdint>

#include "perf/generator/board.h"

namespace wardline::perf {

// The order of TCP conversations that never end, all in step: the client's SYN, the server's SYN-ACK, the client's ACK,
// and then one message after the other, each way in turn. An event is one frame of every flow; what needs the other
// side's frame waits for it, flow by flow.
class Exchange {
 public:
  Exchange(std::uint32_t devices, std::uint32_t rounds) : devices_(devices), flows_(devices * rounds) {}

  static constexpr std::uint64_t kSynEvent = 0, kAckEvent = 1;  // of the client; from 2 on it sends messages
  static constexpr std::uint64_t kSynAckEvent = 0;              // of the server; from 1 on it answers them

  struct Turn {
    std::uint64_t event = 0;
    std::uint32_t flow = 0;              // which is
    std::uint32_t place = 0, round = 0;  // this device in this round
  };

  // How many flows from the side's turn on may have their frame now, within its event.
  std::uint32_t ready(bool client) const {
    const Turn& mine = client ? client_ : server_;
    const Turn& theirs = client ? server_ : client_;
    if (client && (mine.event == kSynEvent || mine.event == kAckEvent + 1)) return flows_ - mine.flow;
    const std::uint64_t needed = client ? (mine.event == kAckEvent ? kSynAckEvent : mine.event - 2)
                                        : (mine.event == kSynAckEvent ? kSynEvent : mine.event + 1);
    if (theirs.event > needed) return flows_ - mine.flow;
    return theirs.event == needed ? theirs.flow - mine.flow : 0;
  }

  const Turn& turn(bool client) const { return client ? client_ : server_; }

  void advance(bool client) {
    Turn& mine = client ? client_ : server_;
    ++mine.flow;
    if (++mine.place == devices_) {
      mine.place = 0;
      ++mine.round;
    }
    if (mine.flow == flows_) mine = {.event = mine.event + 1};
  }

  // Messages of every flow that were answered.
  std::uint64_t rounds() const { return server_.event == 0 ? 0 : server_.event - 1; }

 private:
  std::uint32_t devices_, flows_;
  Turn client_, server_;
};

}  // namespace wardline::perf
