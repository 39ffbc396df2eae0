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

// Failure is the gravest outcome, and stays.
void merge(ScanOutcome& outcome, ScanOutcome other) {
  if (outcome != ScanOutcome::kFailed && other != ScanOutcome::kFinished) outcome = other;
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

Hits DatabaseSet::scan(const ScanInput& input, std::size_t worker) const {
  Hits hits;
  if (input.bytes.empty()) return hits;
  if (worker >= impl_->workers.size()) {  // a worker without a scratch: nothing was looked at
    hits.outcome = ScanOutcome::kFailed;
    return hits;
  }
  auto& own = impl_->workers[worker];
  Evaluation evaluation(traits_, impl_->relations, input, own, hits);
  const auto run = [&](const Database& database) {
    if (database.database) merge(hits.outcome, run_database(database, input.bytes, input.from_start, own));
  };
  const auto search = [&](Subject subject) {
    const auto table = table_index(input.transport, input.sender, subject);
    const auto& filters = impl_->filters[table];
    const auto database = [&](Group group) -> const Database& {
      return impl_->databases[table * kGroupCount + static_cast<std::size_t>(group)];
    };
    if (input.from_start) {
      const auto& shards = impl_->shards[table];
      const std::span begun(own.begun.data(), filters.starts.find(input.bytes, own.begun));
      const auto none = shards.databases.size();
      for (auto ran = none; const auto number : begun) {  // in order, so a shard's come one after another
        if (number >= shards.signatures.size()) {
          const auto& whole = shards.wholes[number - shards.signatures.size()];
          if (evaluation.may_count(whole.signature)) own.record(whole);
          continue;
        }
        const auto shard = number / Shards::kShard;
        if (shard == ran || !evaluation.may_count(shards.signatures[number])) continue;
        run(shards.databases[shard]);
        ran = shard;
      }
    }
    std::array<std::uint32_t, 1> any;
    const bool literals = !filters.guarded || (input.from_start && filters.guards.find(input.bytes, any) != 0);
    if (literals && filters.grams.may_match(input.bytes)) run(database(Group::kLiteral));
    run(database(Group::kLoose));
    for (std::size_t i = 0; i < own.triggered_count; ++i) {
      const auto& single = impl_->singles[own.triggered[i]];
      if (evaluation.may_count(single.meanings[0].signature)) run(single);
    }
    own.triggered_count = 0;
  };
  if (input.applications) {
    search(Subject::kApplication);
    evaluation.take_applications();
  }
  search(Subject::kThreat);
  evaluation.take_threats();
  if (hits.outcome == ScanOutcome::kFailed) {  // half a look proves no application; threats that were seen stay seen
    hits.app = kNoApp;
    hits.app_signature = kNoSignature;
    hits.confidence = 0;
  }
  return hits;
}

}  // namespace wardline::classify
