#include "dataplane/classify/databases.h"

namespace wardline::classify {
namespace {

struct Recording {
  WorkerScratch& worker;
  const std::vector<SignatureId>& signature_of;
};

// Hyperscan's callback: it only counts. SINGLEMATCH makes that one call a pattern, so hits are distinct patterns.
int on_match(unsigned int id, unsigned long long, unsigned long long, unsigned int, void* context) {
  auto& recording = *static_cast<Recording*>(context);
  recording.worker.record(recording.signature_of[id]);
  return 0;
}

constexpr int kPortHintBonus = 10;

int confidence_of(const SignatureTraits& traits, std::uint16_t server_port) {
  int confidence = traits.confidence;
  for (const auto port : traits.port_hint)
    if (port != 0 && port == server_port) return confidence + kPortHintBonus;
  return confidence;
}

// Keeps the gravest threats, gravest first: those that condemn, then by severity, then in the order of the files.
void add_threat(Hits& hits, SignatureId signature, const std::vector<SignatureTraits>& traits) {
  const auto graver = [&](SignatureId a, SignatureId b) {
    if (traits[a].drops != traits[b].drops) return traits[a].drops;
    if (traits[a].severity != traits[b].severity) return traits[a].severity > traits[b].severity;
    return a < b;
  };
  std::size_t place = hits.threat_count;
  while (place > 0 && graver(signature, hits.threats[place - 1])) --place;
  if (place == hits.threats.size()) return;
  if (hits.threat_count < hits.threats.size()) ++hits.threat_count;
  for (std::size_t i = hits.threat_count - 1; i > place; --i) hits.threats[i] = hits.threats[i - 1];
  hits.threats[place] = signature;
}

void take_application(Hits& hits, SignatureId signature, AppId app, int confidence) {
  const bool better = hits.app == kNoApp || confidence > hits.confidence ||
                      (confidence == hits.confidence && signature < hits.app_signature);
  if (!better) return;
  hits.app = app;
  hits.app_signature = signature;
  hits.confidence = static_cast<std::uint8_t>(confidence);
}

// Turns the counted patterns into an application and threats, and leaves the counters at zero.
void evaluate(WorkerScratch& worker, const std::vector<SignatureTraits>& traits, std::uint16_t server_port,
              std::size_t length, Hits& hits) {
  for (std::size_t i = 0; i < worker.touched_count; ++i) {
    const auto signature = worker.touched[i];
    const auto& meaning = traits[signature];
    const bool complete = worker.hits[signature] >= meaning.pattern_count;
    worker.hits[signature] = 0;
    if (!complete || (meaning.exact_length != 0 && meaning.exact_length != length)) continue;
    if (meaning.threat) add_threat(hits, signature, traits);
    if (meaning.app != kNoApp) take_application(hits, signature, meaning.app, confidence_of(meaning, server_port));
  }
  worker.touched_count = 0;
}

}  // namespace

ScanOutcome run_database(const Database& database, hs_scratch_t* scratch, std::span<const std::byte> bytes,
                         WorkerScratch& worker) {
  Recording recording{worker, database.signature_of};
  const auto answer = hs_scan(database.database.get(), reinterpret_cast<const char*>(bytes.data()),
                              static_cast<unsigned int>(bytes.size()), 0, scratch, on_match, &recording);
  if (answer == HS_SUCCESS) return ScanOutcome::kFinished;
  return answer == HS_SCAN_TERMINATED ? ScanOutcome::kStoppedByMatch : ScanOutcome::kFailed;
}

Hits DatabaseSet::scan(Transport transport, Sender sender, std::uint16_t server_port, std::span<const std::byte> bytes,
                       std::size_t worker) const {
  Hits hits;
  if (bytes.empty()) return hits;
  if (worker >= impl_->workers.size()) {  // a worker without a scratch: nothing was looked at
    hits.outcome = ScanOutcome::kFailed;
    return hits;
  }
  auto& own = impl_->workers[worker];
  for (const bool anchored : {true, false}) {
    const auto& database = impl_->databases[database_index(transport, sender, anchored)];
    if (!database.database) continue;
    const auto outcome = run_database(database, own.scratch.get(), bytes, own);
    if (outcome != ScanOutcome::kFinished) hits.outcome = outcome;
    if (outcome == ScanOutcome::kFailed) break;
  }
  evaluate(own, traits_, server_port, bytes.size(), hits);
  if (hits.outcome == ScanOutcome::kFailed) {  // half a look proves no application; threats that were seen stay seen
    hits.app = kNoApp;
    hits.app_signature = kNoSignature;
    hits.confidence = 0;
  }
  return hits;
}

}  // namespace wardline::classify
