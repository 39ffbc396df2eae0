#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "perf/generator/lane.h"
#include "perf/generator/mapped_board.h"

namespace wardline::perf {

// What the two legs of one wire share: the workload, the board and one lane a queue. Legs of a process find each other
// by the board's path. Everything but the lanes is for the control thread.
class Generator {
 public:
  static std::expected<std::shared_ptr<Generator>, std::string> of(const std::string& board_path);

  // By the leg that names them.
  std::expected<void, std::string> describe(const std::string& workload);
  void order(RunOrder run);

  // A leg starts: makes the lanes, or finds those that were made for the same number of queues. They change only while
  // no leg runs.
  std::expected<void, std::string> start_leg(std::uint32_t queues, std::uint64_t tsc_hz);
  void stop_leg() { --running_; }
  Lane& lane(std::uint32_t queue) { return *lanes_[queue]; }

  explicit Generator(MappedBoard board) : board_(std::move(board)) {}

 private:
  MappedBoard board_;
  std::string workload_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  unsigned running_ = 0;

  std::expected<void, std::string> make_lanes(std::uint32_t queues, std::uint64_t tsc_hz);
};

}  // namespace wardline::perf
