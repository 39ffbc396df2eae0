// `when:` of a rule: what the payload must say.
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxValues = 64;

void read_values(const YamlValue& value, WhenDraft& when) {
  const auto read = [&when](const YamlValue& one) {
    if (auto text = one.as_text(facts::FactValue::kMaxText)) when.values.push_back({std::move(*text), one.at()});
  };
  if (!value.is_list()) return read(value);
  const auto list = *value.as_list();
  if (list.size() == 0) value.error("policy.when", "expected at least one value");
  if (list.size() > kMaxValues) value.error("policy.when", "expected at most 64 values");
  for (std::size_t i = 0; i < list.size() && i < kMaxValues; ++i) read(list[i]);
}

}  // namespace

std::vector<WhenDraft> read_when(const YamlValue& value) {
  std::vector<WhenDraft> conditions;
  if (!value) return conditions;
  auto map = value.as_map();
  if (!map) return conditions;
  map->each([&](const std::string& key, const Location& key_at, const YamlValue& values) {
    WhenDraft when{.fact = {key, key_at}, .values = {}};
    read_values(values, when);
    conditions.push_back(std::move(when));
  });
  if (conditions.empty()) value.error("policy.when", "expected at least one fact, such as 'tls.sni'");
  return conditions;
}

}  // namespace wardline::policy
