// `detectors:` of a file of signatures: behaviour that no pattern shows, and when there is too much of it.
#include "controlplane/policy/signature_reader.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {

SignatureEntry read_detector(const YamlValue& value) {
  SignatureEntry entry;
  entry.traits.threat = true;
  auto map = value.as_map();
  if (!map) return entry;
  entry.text.at = value.at();
  entry.text.id = map->require("id").as_name().value_or("");
  if (const auto word = map->require("detector").as_one_of(detect::kDetectorNames)) {
    entry.detector = static_cast<detect::Detector>(*word);
    entry.text.detector = detect::kDetectorNames[*word];
  }
  entry.text.threat = map->require("threat").as_text(120).value_or("");
  read_weight_of_threat(*map, entry);
  constexpr std::uint32_t kDay = 86'400;
  entry.count = static_cast<std::uint32_t>(map->require("count").as_number(1, 1'000'000'000, "a count").value_or(1));
  entry.within_seconds = read_seconds(map->require("within"), 1, kDay).value_or(60);
  entry.text.source = map->require("source").as_text().value_or("");
  map->finish();
  return entry;
}

}  // namespace wardline::policy
