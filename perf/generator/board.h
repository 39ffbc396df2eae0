#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

// The board: a file that the generator inside a DPDK program and the harness beside it both map. The harness gives
// orders and samples counters; nothing is ever reset, so a window is the difference of two samples.
//
// Little endian, every field has 8 bytes, every offset below is fixed for a version, so that Python reads it with
// struct and mmap:   struct.unpack_from('<Q', board, offset).
//
//   0       BoardHeader: facts that the driver writes once, then a line of orders that the harness writes
//   4096    QueueBoard of queue 0; queue q lies at queue_offset + q * queue_stride
//
// Every counter has one writer, the thread that polls this queue; a plain aligned store of 8 bytes is whole.
namespace wardline::perf {

inline constexpr std::uint64_t kBoardMagic = 0x3144'4247'4e45'474c;  // "LGENGBD1" on disk
inline constexpr std::uint64_t kBoardVersion = 2;
inline constexpr std::size_t kMostQueues = 16;

enum class Leg : std::uint8_t { kDevice, kCore };

// What the program gets from rx_burst.
enum class RunOrder : std::uint64_t {
  kPaused = 0,    // nothing
  kWarmUp = 1,    // every flow in turn: first the device leg's frame, then the core leg's
  kMeasured = 2,  // the workload's own order
};

// Written by the harness at any time, taken over by each queue at its next poll.
struct Orders {
  std::uint64_t run;       // RunOrder
  std::uint64_t rate;      // frames a second over both legs and all queues, by due times; 0: as fast as asked
  std::uint64_t tx_check;  // every so-manieth frame sent is compared with what it must be, from byte 12 on; 0: none
  std::uint64_t spare[5];
};

struct BoardHeader {
  std::uint64_t magic;              // 0: written last, so a reader that sees it sees the rest
  std::uint64_t version;            // 8
  std::uint64_t queues;             // 16: that are in use
  std::uint64_t queue_offset;       // 24
  std::uint64_t queue_stride;       // 32
  std::uint64_t tsc_hz;             // 40
  std::uint64_t histogram_offset;   // 48: within a QueueBoard
  std::uint64_t histogram_buckets;  // 56
  std::uint64_t histogram_steps;    // 64: buckets for each power of two, see latency.h
  std::uint64_t flows;              // 72: of the workload over all queues; 0: not known beforehand
  std::uint64_t reserved;           // 80
  std::uint64_t ring;               // 88: descriptors of one leg's ring, with a rate
  std::uint64_t spare[4];
  Orders orders;  // 128
};

// Of one leg. rx: what the program received here. tx: what it sent out here.
struct LegCounters {
  std::uint64_t rx_frames;   // 0
  std::uint64_t rx_bytes;    // 8: as stored, without FCS, preamble and gap
  std::uint64_t tx_frames;   // 16
  std::uint64_t tx_bytes;    // 24
  std::uint64_t missed;      // 32: due, but the ring was full; never handed over
  std::uint64_t no_buffers;  // 40: polls that found the port's pool empty
  std::uint64_t waiting;     // 48: due at the last poll and not handed over yet; a level, not a sum
  std::uint64_t spare;
};

struct Progress {
  std::uint64_t rounds;         // 0: warm-up rounds in which every flow had its frames both ways
  std::uint64_t passes;         // 8: of a workload file
  std::uint64_t sessions;       // 16: of a workload file, replayed to their ends
  std::uint64_t compare_ok;     // 24
  std::uint64_t compare_wrong;  // 32
  std::uint64_t latency_count;  // 40
  std::uint64_t latency_sum;    // 48: cycles
  std::uint64_t latency_max;    // 56: cycles, since the start
};

// Of core_width.h.
struct ProbeCounters {
  std::uint64_t probes;  // 0
  std::uint64_t cycles;  // 8: that they took together
};

inline constexpr std::size_t kHistogramSteps = 32, kHistogramBuckets = 1184;

struct QueueBoard {
  std::array<LegCounters, 2> legs;  // 0: device leg, 64: core leg
  Progress progress;                // 128
  ProbeCounters core;               // 192
  std::uint64_t spare[6];
  std::array<std::uint64_t, kHistogramBuckets> latency;  // 256: due time to tx_burst, in cycles
};

inline constexpr std::size_t kQueueOffset = 4096, kQueueStride = 16384;
inline constexpr std::size_t kBoardBytes = kQueueOffset + kMostQueues * kQueueStride;

static_assert(offsetof(BoardHeader, orders) == 128 && sizeof(Orders) == 64);
static_assert(sizeof(LegCounters) == 64 && offsetof(QueueBoard, progress) == 128);
static_assert(offsetof(QueueBoard, core) == 192);
static_assert(offsetof(QueueBoard, latency) == 256 && sizeof(QueueBoard) <= kQueueStride);

struct Board {
  BoardHeader header;
  std::byte rest[kQueueOffset - sizeof(BoardHeader)];
  struct alignas(64) Place {
    QueueBoard board;
    std::byte rest[kQueueStride - sizeof(QueueBoard)];
  };
  std::array<Place, kMostQueues> queues;
};
static_assert(offsetof(Board, queues) == kQueueOffset && sizeof(Board::Place) == kQueueStride);

}  // namespace wardline::perf
