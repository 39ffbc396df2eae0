#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "perf/generator/board.h"

namespace wardline::perf {

// The traffic of one queue of both legs. One thread owns it. Frames are written straight into the program's buffers.
class Workload {
 public:
  virtual ~Workload() = default;

  // `timed`: frames have due times, and next_arrival() says which they are.
  virtual void begin(RunOrder order, bool timed) = 0;

  // The leg of the next frame that is due, and which it is, where the workload tells frames apart.
  struct Arrival {
    Leg leg;
    std::uint64_t item;
  };
  virtual Arrival next_arrival() = 0;

  // How many frames the leg could have now, at most `most`. What needs an answer first is not ready.
  virtual unsigned ready(Leg leg, unsigned most) = 0;

  // Writes one frame into each room, as many as ready() said at most, and its length beside it. `items`: which frames
  // they are, where the workload tells them apart; with due times as they arrived, else said here.
  virtual void fill(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, std::uint64_t* items) = 0;

  // A frame that leaves by `out`: whether it is, from byte 12 on, what was given to the other leg as `item`.
  virtual bool is_unharmed(Leg out, std::span<const std::byte> frame, std::uint64_t item) const = 0;

  virtual std::uint64_t flows() const = 0;
  virtual std::uint64_t rounds() const { return 0; }    // in warm-up order
  virtual std::uint64_t passes() const { return 0; }    // of a file
  virtual std::uint64_t sessions() const { return 0; }  // of a file, to their ends
};

// Of the queues of a port, `queue` serves the devices whose number modulo `queues` is `queue`.
struct Share {
  std::uint32_t queue = 0, queues = 1;
};

// Makes the workload that `spec` describes (see README.md), or says what is wrong with it.
std::expected<std::unique_ptr<Workload>, std::string> make_workload(const std::string& spec, Share share);

}  // namespace wardline::perf
