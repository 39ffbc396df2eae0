#include "dataplane/classify/evaluate.h"

#include <algorithm>

namespace wardline::classify {
namespace {

constexpr int kPortHintBonus = 10;

}  // namespace

inline int Evaluation::confidence_of(const SignatureTraits& traits) const {
  for (const auto port : traits.port_hint) {
    if (port == 0) break;
    if (port == input_.server_port) return traits.confidence + kPortHintBonus;
  }
  return traits.confidence;
}

// Another application that stands by itself is found already, and wins over this one.
bool Evaluation::is_beaten(SignatureId signature) const {
  const int confidence = confidence_of(traits_[signature]);
  return std::ranges::any_of(touched(), [&](SignatureId other) {
    const auto& traits = traits_[other];
    if (traits.app == kNoApp || !stands_alone(traits) || relations_.has_negated[other] || !complete(other))
      return false;
    const int found = confidence_of(traits);
    return found > confidence || (found == confidence && other < signature);
  });
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

inline void Evaluation::take_application(SignatureId signature) {
  const int confidence = confidence_of(traits_[signature]);
  const bool better = hits_.app == kNoApp || confidence > hits_.confidence ||
                      (confidence == hits_.confidence && signature < hits_.app_signature);
  if (!better) return;
  hits_.app = traits_[signature].app;
  hits_.app_signature = signature;
  hits_.confidence = static_cast<std::uint8_t>(confidence);
}

void Evaluation::take_applications() {
  bool more = false;
  for (const auto signature : touched()) {
    const auto& traits = traits_[signature];
    if (traits.app == kNoApp) continue;
    if (!stands_alone(traits))
      more = true;
    else if (complete(signature))
      take_application(signature);
  }
  carrier_ = hits_.app;
  if (more) take_dependent_applications();
}

[[gnu::noinline]] void Evaluation::take_dependent_applications() {
  for (const auto signature : touched()) {
    const auto& traits = traits_[signature];
    if (traits.app == kNoApp || stands_alone(traits)) continue;
    if (complete(signature) && lies_within(traits)) take_application(signature);
  }
}

// Keeps the gravest threats, gravest first: by severity, then in the order of the files.
void Evaluation::take_threat(SignatureId signature) {
  // After a failed look nobody knows whether a negated pattern would have denied it.
  if (hits_.outcome == ScanOutcome::kFailed && relations_.has_negated[signature]) return;
  if (!complete(signature) || !lies_within(traits_[signature])) return;
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
  for (const auto signature : touched()) {
    if (traits_[signature].threat) take_threat(signature);
    worker_.tallies[signature] = {};
  }
  worker_.touched_count = 0;
}

}  // namespace wardline::classify
