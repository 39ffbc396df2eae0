#pragma once
#include <span>
#include <vector>

#include "dataplane/classify/databases.h"

namespace wardline::classify {

// Turns what one scan recorded into an application and threats. Lives for that scan; take_threats, which comes last,
// leaves the worker's tallies at zero.
class Evaluation {
 public:
  Evaluation(const std::vector<SignatureTraits>& traits, const Relations& relations, const ScanInput& input,
             WorkerScratch& worker, Hits& hits)
      : traits_(traits), relations_(relations), input_(input), worker_(worker), hits_(hits) {}

  // False: whatever more of its patterns find, that changes nothing: the signature cannot count in this scan, or counts
  // by what was found. Of threats after take_applications, of applications before it.
  bool may_count(SignatureId signature) const {
    const auto& traits = traits_[signature];
    if (traits.exact_length != 0 && traits.exact_length != input_.bytes.size()) return false;
    if (worker_.tallies[signature].hits >= traits.pattern_count && !relations_.has_negated[signature]) return false;
    if (traits.threat) return stands_alone(traits) || lies_within(traits);
    // Of an application the carrier may be found in this scan only later.
    return !stands_alone(traits) || worker_.touched_count == 0 || !is_beaten(signature);
  }

  // The winner among those that stand by themselves, then among them and those within the winner.
  void take_applications();
  void take_threats();

 private:
  static bool stands_alone(const SignatureTraits& traits) { return traits.within[0] == kNoApp; }
  std::span<const SignatureId> touched() const { return {worker_.touched.data(), worker_.touched_count}; }
  bool complete(SignatureId signature) const {
    const auto& traits = traits_[signature];
    const auto& tally = worker_.tallies[signature];
    return tally.hits >= traits.pattern_count && !tally.denied &&
           (traits.exact_length == 0 || traits.exact_length == input_.bytes.size());
  }
  bool is_beaten(SignatureId signature) const;
  bool lies_within(const SignatureTraits& traits) const;
  bool is_kind_of(AppId app, AppId wide) const;
  int confidence_of(const SignatureTraits& traits) const;
  void take_application(SignatureId signature);
  void take_dependent_applications();
  void take_threat(SignatureId signature);

  const std::vector<SignatureTraits>& traits_;
  const Relations& relations_;
  const ScanInput& input_;
  WorkerScratch& worker_;
  Hits& hits_;
  AppId carrier_ = kNoApp;  // the winner among applications that stand by themselves
};

}  // namespace wardline::classify
