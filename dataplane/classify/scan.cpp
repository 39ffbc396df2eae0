#include <algorithm>

#include "dataplane/classify/databases.h"
#include "dataplane/classify/evaluate.h"

namespace wardline::classify {
namespace {

struct Recording {
  WorkerScratch& worker;
  const std::vector<Meaning>& meanings;
  bool from_start;
};

// Hyperscan's callback: it only counts. SINGLEMATCH makes that one call a pattern, so hits are distinct patterns.
int on_match(unsigned int id, unsigned long long, unsigned long long, unsigned int, void* context) {
  auto& recording = *static_cast<Recording*>(context);
  const auto& meaning = recording.meanings[id];
  if (recording.from_start || !meaning.from_start) recording.worker.record(meaning);
  return 0;
}

}  // namespace

ScanOutcome run_database(const Database& database, std::span<const std::byte> bytes, bool from_start,
                         WorkerScratch& worker) {
  Recording recording{worker, database.meanings, from_start};
  const auto answer = hs_scan(database.database.get(), reinterpret_cast<const char*>(bytes.data()),
                              static_cast<unsigned int>(bytes.size()), 0, worker.scratch.get(), on_match, &recording);
  if (answer == HS_SUCCESS) return ScanOutcome::kFinished;
  return answer == HS_SCAN_TERMINATED ? ScanOutcome::kStoppedByMatch : ScanOutcome::kFailed;
}

// One scan, from its filters to its hits.
class DatabaseSet::Scan {
 public:
  Scan(const DatabaseSet& set, const ScanInput& input, WorkerScratch& worker, Hits& hits)
      : impl_(*set.impl_),
        traits_(set.traits_),
        input_(input),
        worker_(worker),
        hits_(hits),
        evaluation_(traits_, impl_.relations, input, worker, hits) {}

  void run() {
    if (input_.applications) {
      search(Subject::kApplication);
      evaluation_.take_applications();
    }
    search(Subject::kThreat);
    evaluation_.take_threats();
    if (hits_.outcome != ScanOutcome::kFailed) return;
    hits_.app = kNoApp;  // half a look proves no application; threats that were seen stay seen
    hits_.app_signature = kNoSignature;
    hits_.confidence = 0;
  }

 private:
  void search(Subject subject) {
    const auto table = table_index(input_.transport, input_.sender, subject);
    const auto& filters = impl_.filters[table];
    const auto& shards = impl_.shards[table];
    const std::span begun(worker_.begun.data(),
                          input_.from_start ? filters.starts.find(input_.bytes, worker_.begun) : 0);
    const auto first_whole = std::ranges::lower_bound(begun, shards.anchored.size());  // they are in order
    record_wholes(shards, std::span(first_whole, begun.end()));
    if (wants_literals(filters)) {
      run(impl_.databases[database_index(table, Group::kLiteral)]);
      searched_literals_ = true;
    }
    run(impl_.databases[database_index(table, Group::kLoose)]);
    run_triggered(subject);
    // Last, since many of them match as well: what is complete by now is not looked for again.
    run_shards(shards, std::span(begun.begin(), first_whole));
  }

  // The search for literals of applications has found those of threats, too.
  bool wants_literals(const Filters& filters) const {
    if (searched_literals_) return false;
    std::array<std::uint32_t, 1> any;
    const bool guarded = filters.guarded && (!input_.from_start || filters.guards.find(input_.bytes, any) == 0);
    return !guarded && filters.grams.may_match(input_.bytes);
  }

  void record_wholes(const Shards& shards, std::span<const std::uint32_t> begun) {
    for (const auto number : begun) {
      const auto& whole = shards.wholes[number - shards.anchored.size()];
      if (evaluation_.may_count(whole.signature)) worker_.record(whole);
    }
  }

  void run_triggered(Subject subject) {
    worker_.take_triggered([&](std::uint32_t number) {
      const auto& single = impl_.singles[number];
      const auto signature = single.meanings[0].signature;
      if (traits_[signature].threat != (subject == Subject::kThreat)) return false;
      if (evaluation_.may_count(signature)) run(single);
      return true;
    });
  }

  void run_shards(const Shards& shards, std::span<const std::uint32_t> begun) {
    std::size_t ran = shards.databases.size();
    for (const auto number : begun) {  // in order, so a shard's come one after another
      const auto [shard, signature] = shards.anchored[number];
      if (shard == ran || !evaluation_.may_count(signature)) continue;
      run(shards.databases[shard]);
      ran = shard;
    }
  }

  void run(const Database& database) {
    if (!database.database) return;
    const auto outcome = run_database(database, input_.bytes, input_.from_start, worker_);
    // Failure is the gravest outcome, and stays.
    if (hits_.outcome != ScanOutcome::kFailed && outcome != ScanOutcome::kFinished) hits_.outcome = outcome;
  }

  const Impl& impl_;
  const std::vector<SignatureTraits>& traits_;
  const ScanInput& input_;
  WorkerScratch& worker_;
  Hits& hits_;
  Evaluation evaluation_;
  bool searched_literals_ = false;
};

Hits DatabaseSet::scan(const ScanInput& input, std::size_t worker) const {
  Hits hits;
  if (input.bytes.empty()) return hits;
  if (worker >= impl_->workers.size())  // a worker without a scratch: nothing was looked at
    hits.outcome = ScanOutcome::kFailed;
  else
    Scan(*this, input, impl_->workers[worker], hits).run();
  return hits;
}

}  // namespace wardline::classify
