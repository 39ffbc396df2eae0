// `detections:` and `inspect:`: what a detection does, and how deep threats are looked for.
#include "controlplane/policy/check.h"
#include "controlplane/policy/signature_words.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

template <std::size_t N>
std::vector<std::string> read_words(const YamlValue& value, const std::array<std::string_view, N>& words) {
  std::vector<std::string> read;
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const auto word = (*list)[i].as_one_of(words)) read.emplace_back(words[*word]);
  if (list && list->size() == 0)
    value.error("policy.detections", "expected at least one word; leave the key out for every one");
  return read;
}

}  // namespace

std::vector<DetectionDraft> read_detections(const YamlValue& value) {
  std::vector<DetectionDraft> drafts;
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    DetectionDraft draft;
    draft.severities = read_words(map->get("severity"), kSeverityWords);
    draft.groups = read_words(map->get("group"), kGroupWords);
    if (const auto signatures = map->get("signature")) {
      draft.signatures = read_names(signatures);
      if (signatures.is_list() && draft.signatures.empty())
        signatures.error("policy.detections", "expected at least one signature; leave the key out for every one");
    }
    const auto action = map->require("action").as_one_of(enforce::kDetectionActionNames);
    map->finish();
    if (!action) continue;
    draft.action = static_cast<enforce::DetectionAction>(*action);
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

std::optional<std::uint32_t> read_depth(const YamlValue& value) {
  constexpr std::uint32_t kDeepest = 64U << 20;
  if (value.raw() == "all") return enforce::kInspectAll;
  if (value.raw() == "none") return 0;
  const auto depth = value.as_size();
  if (!depth) {
    value.error("policy.inspect", "expected how deep threats are looked for: a size such as 64KiB, `all` or `none`");
    return std::nullopt;
  }
  if (*depth >= 1024 && *depth <= kDeepest) return depth;
  value.error("policy.inspect", "'" + value.raw() +
                                    "' is out of range; expected 1KiB to 64MiB, `all` for the flow's whole life, or "
                                    "`none` for what classification looks at");
  return std::nullopt;
}

void check_detections(const CheckContext& context) {
  if (!context.apps_known) return;
  std::vector<std::string> ids;
  for (const auto& text : context.signatures.texts)
    if (!text.threat.empty()) ids.push_back(text.id);
  const auto check = [&](const std::vector<DetectionDraft>& drafts) {
    for (const auto& draft : drafts)
      for (const auto& word : draft.signatures)
        if (!holds(ids, word.text)) context.unknown("threat", word, ids);
  };
  check(context.draft.site.detections);
  for (const auto& each : context.draft.classes) check(each.detections);
  for (const auto& word : context.draft.site.classify_only)
    if (!holds(context.signatures.app_names, word.text) || word.text == "unknown")
      context.unknown("application", word, app_names_of(context.signatures));
}

}  // namespace wardline::policy
