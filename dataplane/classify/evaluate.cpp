#include "dataplane/classify/evaluate.h"

#include <algorithm>

namespace wardline::classify {
namespace {

constexpr int kPortHintBonus = 10;

bool stands_alone(const SignatureTraits& traits) {
  return traits.within[0] == kNoApp;
}

}  // namespace

bool Evaluation::may_count(SignatureId signature) const {
  const auto& traits = traits_[signature];
  if (traits.exact_length != 0 && traits.exact_length != input_.bytes.size()) return false;
  if (!relations_.has_negated[signature] && worker_.tallies[signature].hits >= traits.pattern_count) return false;
  if (traits.threat) return lies_within(traits);
  // Of an application the carrier may be found in this scan only later.
  return !stands_alone(traits) || !is_beaten(signature);
}

// Another application that stands by itself is found already, and wins over this one.
bool Evaluation::is_beaten(SignatureId signature) const {
  if (worker_.touched_count == 0) return false;
  const int confidence = confidence_of(traits_[signature]);
  return std::ranges::any_of(std::span(worker_.touched).first(worker_.touched_count), [&](SignatureId other) {
    const auto& traits = traits_[other];
    if (traits.app == kNoApp || !stands_alone(traits) || relations_.has_negated[other] || !complete(other))
      return false;
    const int found = confidence_of(traits);
    return found > confidence || (found == confidence && other < signature);
  });
}

bool Evaluation::complete(SignatureId signature) const {
  const auto& traits = traits_[signature];
  const auto& tally = worker_.tallies[signature];
  return tally.hits >= traits.pattern_count && !tally.denied &&
         (traits.exact_length == 0 || traits.exact_length == input_.bytes.size());
}

bool Evaluation::lies_within(const SignatureTraits& traits) const {
  if (stands_alone(traits)) return true;
  return std::ranges::any_of(traits.within, [&](AppId wide) {
    return wide != kNoApp &&
           (is_kind_of(input_.app, wide) || is_kind_of(carrier_, wide) || is_kind_of(hits_.app, wide));
  });
}

bool Evaluation::is_kind_of(AppId app, AppId wide) const {
  if (app == wide) return true;
  if (app >= relations_.carriers_of.size()) return false;
  const auto& carriers = relations_.carriers_of[app];
  return wide == carriers[0] || wide == carriers[1];
}

int Evaluation::confidence_of(const SignatureTraits& traits) const {
  for (const auto port : traits.port_hint) {
    if (port == 0) break;
    if (port == input_.server_port) return traits.confidence + kPortHintBonus;
  }
  return traits.confidence;
}

void Evaluation::take_application(SignatureId signature) {
  const int confidence = confidence_of(traits_[signature]);
  const bool better = hits_.app == kNoApp || confidence > hits_.confidence ||
                      (confidence == hits_.confidence && signature < hits_.app_signature);
  if (!better) return;
  hits_.app = traits_[signature].app;
  hits_.app_signature = signature;
  hits_.confidence = static_cast<std::uint8_t>(confidence);
}

void Evaluation::take_applications() {
  for (const bool alone : {true, false}) {
    for (std::size_t i = 0; i < worker_.touched_count; ++i) {
      const auto signature = worker_.touched[i];
      const auto& traits = traits_[signature];
      if (traits.app == kNoApp || stands_alone(traits) != alone || !complete(signature)) continue;
      if (alone || lies_within(traits)) take_application(signature);
    }
    if (alone) carrier_ = hits_.app;
  }
}

// Keeps the gravest threats, gravest first: by severity, then in the order of the files.
void Evaluation::add_threat(SignatureId signature) {
  const auto graver = [&](SignatureId a, SignatureId b) {
    return traits_[a].severity != traits_[b].severity ? traits_[a].severity > traits_[b].severity : a < b;
  };
  auto& threats = hits_.threats;
  std::size_t place = hits_.threat_count;
  while (place > 0 && graver(signature, threats[place - 1])) --place;
  if (place == threats.size()) return;
  if (hits_.threat_count < threats.size()) ++hits_.threat_count;
  for (std::size_t i = hits_.threat_count - 1; i > place; --i) threats[i] = threats[i - 1];
  threats[place] = signature;
}

void Evaluation::take_threats() {
  const bool failed = hits_.outcome == ScanOutcome::kFailed;
  for (std::size_t i = 0; i < worker_.touched_count; ++i) {
    const auto signature = worker_.touched[i];
    // After a failed look nobody knows whether a negated pattern would have denied it.
    if (failed && relations_.has_negated[signature]) continue;
    if (traits_[signature].threat && complete(signature) && lies_within(traits_[signature])) add_threat(signature);
  }
  clear();
}

void Evaluation::clear() {
  for (std::size_t i = 0; i < worker_.touched_count; ++i) worker_.tallies[worker_.touched[i]] = {};
  worker_.touched_count = 0;
}

}  // namespace wardline::classify
