#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/batch.h"
#include "dataplane/counters.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/event_ring.h"
#include "dataplane/events.h"
#include "dataplane/flow/flow_key.h"
#include "dataplane/memory_term.h"
#include "dataplane/offload/ledger.h"
#include "dataplane/snapshot_publisher.h"

namespace wardline {

namespace capture {
class Tap;
}

struct WorkerOptions {
  std::uint16_t bundle = 0;
  std::uint32_t flows_v4 = 65536, flows_v6 = 16384;
  std::uint32_t undecided = 8192;       // flows whose first bytes are being gathered, 4.4 KiB each
  std::uint32_t inspected = 8192;       // flows in which threats are looked for beyond that, 8.5 KiB each
  std::uint32_t fragments = 1024;       // held fragments ...
  std::uint32_t fragment_bytes = 9728;  // ... of at most so many bytes each, frame included: jumbo frames fit
  std::uint32_t framed = 4096;          // flows judged message by message, 4.3 KiB each
  std::uint32_t kept_facts = 8192;      // flows whose facts are kept because a rule asks for one, 1.2 KiB each
  std::uint32_t hellos = 512;    // QUIC flows of which some rule asks a fact and the hello is not whole, 2.6 KiB each
  std::uint32_t watched = 4096;  // devices that behaviour detectors can follow at a time
  std::uint32_t events = 16384;  // ring places
  std::uint32_t event_sums = 16384;   // a power of two
  std::uint32_t decisions = 4096;     // answers of the policy that are remembered, 64 bytes each; a power of two
  std::uint32_t frame_copies = 1024;  // ring places of 2 KiB
  std::uint64_t flow_report_seconds = 300;
  bool offload = false;   // decided bulk flows are offered to a card
  flow::HashSeed seed{};  // of this boot; tests pass their own
};

// One worker: all flows of the devices that its queue brings, judged in `process`. No I/O, no clock of its own, no
// lock, allocation, system call or log after construction. One thread calls process(); any thread reads counters();
// one control thread drains the two rings.
class Worker {
 public:
  // Registers with `publisher`; the references must outlive the worker.
  Worker(const WorkerOptions& options, SnapshotPublisher& publisher, enforce::DeviceSlots& slots,
         enforce::QuarantineBudgets& budgets);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Judges every frame of the batch (Frame::drop) and may add created frames. An empty batch reports quiescence and
  // expires. Time never runs backwards: an older `now` is taken as the latest one seen.
  void process(Batch& batch, Tick now);

  // The I/O layer tells what became of the frames that process() let pass (created ones included).
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes);
  void count_not_sent(Reason reason, std::uint64_t frames);
  void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes);  // came, and never reached process()
  void count_queued(std::uint64_t frames);    // let pass, and wait for another thread to send them: held
  void count_unqueued(std::uint64_t frames);  // no longer: sent or not is told apart
  // Which frame it was that is counted as not sent or unjudged, for a capture; `frame.side`: the leg it came in by.
  void tell_lost(const Frame& frame, Reason reason);

  // The ports lose frames (any thread may say so): until it is over, new flows are no longer gathered and scanned but
  // follow on_failure.overload. Inspection is shed, forwarding never.
  void set_overloaded(bool overloaded);

  // Frames are held, or wait for room in a batch: an empty batch brings them out, at the latest a second from now.
  bool holds_frames() const;

  // Ends every flow with a final record. At the end of a replay and at a clean stop. Stops early when the event ring
  // is full: drain and call again until it returns true.
  bool finish(Tick now);

  const WorkerCounters& counters() const;
  SpscRing<Event>& events();
  SpscRing<FrameCopy>& frame_copies();
  capture::Tap& capture_tap();
  offload::OffloadLedger* offload_ledger();  // null where nothing is offered
  void offer_nothing();                      // before its thread starts: no card takes flows
  std::uint32_t flows_in_use() const;
  std::uint32_t buffers_in_use() const;    // of the pools that flows take from
  std::vector<MemoryTerm> memory() const;  // by a control thread: it allocates
  std::size_t number() const;              // as given by the publisher: also the scratch it uses

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardline
