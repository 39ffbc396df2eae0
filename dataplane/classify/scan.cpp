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
        starts_(impl_.filters.starts[table_index(input.transport, input.sender, Subject::kApplication) / 2]),
        evaluation_(traits_, impl_.relations, input, worker, hits) {}

  [[gnu::always_inline]] void run() {
    if (input_.from_start) lanes_ = starts_.lanes_for(input_.bytes, input_.applications);
    if (input_.applications) {
      search<Subject::kApplication>();
      evaluation_.take_applications();
    }
    search<Subject::kThreat>();
    evaluation_.take_threats();
    if (hits_.outcome != ScanOutcome::kFailed) return;
    hits_.app = kNoApp;  // half a look proves no application; threats that were seen stay seen
    hits_.app_signature = kNoSignature;
    hits_.confidence = 0;
  }

 private:
  template <Subject kSubject>
  [[gnu::always_inline]] void search() {
    const auto table = table_index(input_.transport, input_.sender, kSubject);
    const auto& shards = impl_.shards[table];
    const std::span begun(worker_.begun.data(), find(starts_of_subject(kSubject), worker_.begun));
    auto anchored = begun;
    while (!anchored.empty() && anchored.back() >= shards.anchored.size())  // they are in order
      anchored = anchored.first(anchored.size() - 1);
    if (const auto wholes = begun.subspan(anchored.size()); !wholes.empty()) record_wholes(shards, wholes);
    if (!searched_literals_ && wants_literals<kSubject>(table)) {
      run(impl_.databases[database_index(table, Group::kLiteral)]);
      searched_literals_ = true;  // that for literals of applications has found those of threats, too
    }
    run(impl_.databases[database_index(table, Group::kLoose)]);
    if (worker_.triggered_count != 0) run_triggered(kSubject);
    // Last, since many of them match as well: what is complete by now is not looked for again.
    if (!anchored.empty()) run_shards(shards, anchored);
  }

  std::size_t find(StartFilter::Part part, std::span<std::uint32_t> found) const {
    return starts_.find(part, lanes_, input_.bytes, found);
  }

  template <Subject kSubject>
  bool wants_literals(std::size_t table) const {
    std::array<std::uint32_t, 1> any;
    if (impl_.filters.guarded[table] && find(guards_of_subject(kSubject), any) == 0) return false;
    return impl_.filters.grams[table].may_match(input_.bytes);
  }

  [[gnu::always_inline]] void record_wholes(const Shards& shards, std::span<const std::uint32_t> begun) {
    for (const auto number : begun) {
      const auto& whole = shards.wholes[number - shards.anchored.size()];
      if (evaluation_.may_count(whole.signature)) worker_.record(whole);
    }
  }

  [[gnu::noinline]] void run_triggered(Subject subject) {
    worker_.take_triggered([&](std::uint32_t number) {
      const auto& single = impl_.singles[number];
      const auto signature = single.meanings[0].signature;
      if (traits_[signature].threat != (subject == Subject::kThreat)) return false;
      if (evaluation_.may_count(signature)) run(single);
      return true;
    });
  }

  [[gnu::noinline]] void run_shards(const Shards& shards, std::span<const std::uint32_t> begun) {
    std::size_t ran = shards.databases.size();
    for (const auto number : begun) {  // in order, so a shard's come one after another
      const auto [shard, signature] = shards.anchored[number];
      if (shard == ran || !evaluation_.may_count(signature)) continue;
      run(shards.databases[shard]);
      ran = shard;
    }
  }

  void run(const Database& database) {
    if (database.database) run_present(database);
  }
  [[gnu::noinline]] void run_present(const Database& database) {
    const auto outcome = run_database(database, input_.bytes, input_.from_start, worker_);
    // Failure is the gravest outcome, and stays.
    if (hits_.outcome != ScanOutcome::kFailed && outcome != ScanOutcome::kFinished) hits_.outcome = outcome;
  }

  const Impl& impl_;
  const std::vector<SignatureTraits>& traits_;
  const ScanInput& input_;
  WorkerScratch& worker_;
  Hits& hits_;
  const StartFilter& starts_;
  StartFilter::Lanes lanes_;  // none in a scan that is not from the start
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
