#include "perf/generator/generator.h"

#include <map>

namespace wardline::perf {

std::expected<std::shared_ptr<Generator>, std::string> Generator::of(const std::string& board_path) {
  static std::map<std::string, std::weak_ptr<Generator>> known;
  auto& place = known[board_path];
  if (auto found = place.lock()) return found;
  auto board = MappedBoard::open(board_path);
  if (!board) return std::unexpected(board.error());
  auto made = std::make_shared<Generator>(std::move(*board));
  place = made;
  return made;
}

std::expected<void, std::string> Generator::describe(const std::string& workload) {
  if (!workload_.empty() && workload_ != workload)
    return std::unexpected("two legs of one board name different workloads: " + workload_ + " and " + workload);
  workload_ = workload;
  return {};
}

void Generator::order(RunOrder run) {
  board_->header.orders.run = static_cast<std::uint64_t>(run);
}

std::expected<void, std::string> Generator::start_leg(std::uint32_t queues, std::uint64_t tsc_hz) {
  if (workload_.empty()) return std::unexpected("neither leg names a workload");
  if (lanes_.size() != queues) {
    if (running_ != 0)
      return std::unexpected("both legs have the same number of queues; the other one runs with " +
                             std::to_string(lanes_.size()) + ", and " + std::to_string(queues) + " are asked for");
    if (auto made = make_lanes(queues, tsc_hz); !made) {
      lanes_.clear();
      return made;
    }
  }
  ++running_;
  return {};
}

std::expected<void, std::string> Generator::make_lanes(std::uint32_t queues, std::uint64_t tsc_hz) {
  lanes_.clear();
  auto& header = board_->header;
  header.flows = 0;
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    auto& place = board_->queues[queue].board;
    place = {};
    auto workload = make_workload(workload_, {queue, queues});
    if (!workload) return std::unexpected(workload.error());
    lanes_.push_back(std::make_unique<Lane>(std::move(*workload), header.orders, place, tsc_hz, queues));
    header.flows += lanes_.back()->flows();
  }
  header.version = kBoardVersion;
  header.queues = queues;
  header.queue_offset = kQueueOffset;
  header.queue_stride = kQueueStride;
  header.tsc_hz = tsc_hz;
  header.histogram_offset = offsetof(QueueBoard, latency);
  header.histogram_buckets = kHistogramBuckets;
  header.histogram_steps = kHistogramSteps;
  header.ring = DueRing::kPlaces;
  __atomic_store_n(&header.magic, kBoardMagic, __ATOMIC_RELEASE);
  return {};
}

}  // namespace wardline::perf
