#pragma once
#include <hs.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/classify/classifier.h"

// What stands behind DatabaseSet: shared by its compiling and its scanning half, and by their tests.
namespace wardline::classify {

struct DatabaseFree {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using DatabasePtr = std::unique_ptr<hs_database_t, DatabaseFree>;

struct ScratchFree {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using ScratchPtr = std::unique_ptr<hs_scratch_t, ScratchFree>;

// Null `database`: no pattern belongs here, nothing to scan.
struct Database {
  DatabasePtr database;
  std::vector<SignatureId> signature_of;  // by the number that Hyperscan reports: one number a pattern
};

// What one worker writes while it scans. Fixed size, made by prepare_workers; padded so that workers share no line.
struct alignas(128) WorkerScratch {
  ScratchPtr scratch;
  std::vector<std::uint8_t> hits;    // distinct patterns that hit, by SignatureId; all zero between scans
  std::vector<SignatureId> touched;  // the first `touched_count` have hits
  std::size_t touched_count = 0;

  explicit WorkerScratch(std::size_t signatures) : hits(signatures), touched(signatures) {}
  void record(SignatureId signature) {
    if (hits[signature] == 0) touched[touched_count++] = signature;
    if (hits[signature] != 0xff) ++hits[signature];
  }
};

inline constexpr std::size_t kDatabaseCount = 8;
constexpr std::size_t database_index(Transport transport, Sender sender, bool anchored) {
  return static_cast<std::size_t>(transport) * 4 + static_cast<std::size_t>(sender) * 2 + (anchored ? 1 : 0);
}

// Records into `worker` what hits. Any answer of the engine but success or "stopped" is kFailed, never "no match".
ScanOutcome run_database(const Database& database, hs_scratch_t* scratch, std::span<const std::byte> bytes,
                         WorkerScratch& worker);

struct DatabaseSet::Impl {
  std::array<Database, kDatabaseCount> databases;  // by database_index
  std::vector<WorkerScratch> workers;
};

}  // namespace wardline::classify
