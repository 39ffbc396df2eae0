#include "controlplane/policy/attributes.h"
#include "controlplane/policy/schema_parts.h"
#include "controlplane/policy/signature_words.h"
#include "dataplane/detect/settings.h"
#include "dataplane/enforce/verdict.h"

namespace wardline::policy::schema {
namespace {

Json payload() {
  return described(text(16384), "text with \\r \\n \\t \\0 \\\\ \\xNN, or \"hex: 01 00*4 ff\"");
}

Json claims() {
  Json schema{{"enum", Json::array()}};
  for (const auto& each : attributes())
    if (each.group == EvidenceGroup::kClaims) schema["enum"].push_back(each.name);
  return schema;
}

Json example() {
  return one_of({payload(), object({{"payload", payload(), true},
                                    {"port", number(1, 65535)},
                                    {"side", words({"client", "server"})},
                                    {"transport", words(kTransportWords)},
                                    {"app", name()},
                                    {"captures", map_of(text(256))}})});
}

Json expression() {
  return described(text(4096), "a Hyperscan regular expression over bytes; begin it with ^ where it can");
}

Json pattern() {
  const auto bytes = number(1, kMaxScanBytes), gap = number(0, kMaxGap);
  return one_of({expression(),
                 with_one(object({{"pattern", expression()},
                                  {"literal", described(payload(), "fixed bytes; beside pattern: what each match has")},
                                  {"caseless", boolean()},
                                  {"offset", described(bytes, "the match ends here or later")},
                                  {"depth", described(bytes, "the match ends here or earlier")},
                                  {"distance", described(gap, "bytes between the pattern before and this, at least")},
                                  {"within", described(gap, "bytes between the pattern before and this, at most")},
                                  {"negate", described(boolean(), "must not be there")}}),
                          "anyOf", {"pattern", "literal"})});
}

Json threat_keys(Json schema) {
  auto& keys = schema["properties"];
  keys["severity"] = words(kSeverityWords);
  keys["technique"] = described(matching("^T[0-9]{4}([.][0-9]{3})?$"), "MITRE ATT&CK");
  keys["group"] = list_of(words(kGroupWords), 1);
  keys["action"] = described(words(enforce::kDetectionActionNames), "where no `detections:` of the policy speaks");
  return schema;
}

Json signature() {
  auto schema = threat_keys(object(
      {{"id", name(), true},
       {"application", described(name(), "what a match proves")},
       {"threat", described(text(120), "what a match means")},
       {"device", described(text(120), "what a match tells of the device that sent it")},
       {"transport", list_of(words(kTransportWords), 1), true},
       {"side", words(kSideWords), true},
       {"pattern", expression()},
       {"literal", payload()},
       {"patterns", {{"type", "array"}, {"items", pattern()}, {"minItems", 1}, {"maxItems", kMaxPatterns}}},
       {"match", words(kMatchWords)},
       {"offset", number(1, kMaxScanBytes)},
       {"depth", number(1, kMaxScanBytes)},
       {"caseless", boolean()},
       {"exact_length", number(1, 255)},
       {"within", one_of({name(), list_of(name(), 1)})},
       {"carried_by", one_of({name(), list_of(name(), 1)})},
       {"confidence", number(1, 100)},
       {"ports", {{"type", "array"}, {"items", number(1, 65535)}, {"minItems", 1}, {"maxItems", 8}}},
       {"reference", list_of(matching("^(CVE-[0-9]{4}-[0-9]+|https?://[^ ]+)$"), 1)},
       {"captures",
        list_of(object({{"attribute", claims(), true}, {"group", number(0, 9)}, {"from", number(1, kMaxPatterns)}}),
                1)},
       {"sets", {{"type", "object"}, {"propertyNames", claims()}, {"additionalProperties", text(128)}}},
       {"source", text(), true},
       {"examples", object({{"match", list_of(example(), 1), true}, {"no_match", list_of(example(), 1), true}}),
        true}}));
  schema = with_one(std::move(schema), "oneOf", {"application", "threat", "device"});
  return with_one(std::move(schema), "anyOf", {"pattern", "literal", "patterns"});
}

Json detector() {
  auto schema = threat_keys(object({{"id", name(), true},
                                    {"detector", words(detect::kDetectorNames), true},
                                    {"threat", text(120), true},
                                    {"count", number(1, 1'000'000'000), true},
                                    {"within", duration(), true},
                                    {"source", text(), true}}));
  schema["required"].push_back("severity");
  return schema;
}

}  // namespace

Json signature_file() {
  return with_one(object({{"signatures", list_of(signature(), 1)}, {"detectors", list_of(detector(), 1)}}), "anyOf",
                  {"signatures", "detectors"});
}

Json detections() {
  return list_of(object({{"severity", list_of(words(kSeverityWords), 1)},
                         {"group", list_of(words(kGroupWords), 1)},
                         {"signature", list_of(name(), 1)},
                         {"action", words(enforce::kDetectionActionNames), true}}));
}

Json depth() {
  return one_of({words({"all", "none"}), matching("^[1-9][0-9]{0,3}(B|KiB|MiB)$")});
}

}  // namespace wardline::policy::schema
