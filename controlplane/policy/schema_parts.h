#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>

// Pieces that the schemas are put together from. For the schema's own files alone.
namespace wardline::policy::schema {

using Json = nlohmann::ordered_json;

struct Key {
  std::string_view name;
  Json schema;
  bool required = false;
};

inline Json described(Json schema, std::string_view text) {
  schema["description"] = text;
  return schema;
}
inline Json text(std::size_t most = 1024) {
  return {{"type", "string"}, {"maxLength", most}};
}
inline Json matching(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}
inline Json name() {
  return matching("^[a-z0-9][a-z0-9._-]{0,63}$");
}
inline Json duration() {
  return matching("^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$");
}
inline Json date() {
  return matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
}
inline Json boolean() {
  return {{"type", "boolean"}};
}
inline Json number(std::int64_t low, std::int64_t high) {
  return {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
}
inline Json words(std::span<const std::string_view> list) {
  Json schema{{"enum", Json::array()}};
  for (const auto word : list) schema["enum"].push_back(word);
  return schema;
}
inline Json words(std::initializer_list<std::string_view> list) {
  return words(std::span(list.begin(), list.size()));
}
inline Json list_of(Json item, std::size_t least = 0) {
  return {{"type", "array"}, {"items", std::move(item)}, {"minItems", least}};
}
inline Json one_of(std::initializer_list<Json> choices) {
  Json schema{{"anyOf", Json::array()}};
  for (const auto& choice : choices) schema["anyOf"].push_back(choice);
  return schema;
}
// A map with these keys and no others.
inline Json object(std::initializer_list<Key> keys) {
  Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const auto& key : keys) {
    schema["properties"][std::string(key.name)] = key.schema;
    if (key.required) required.push_back(key.name);
  }
  if (!required.empty()) schema["required"] = required;
  return schema;
}
// A map with free keys.
inline Json map_of(Json value) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}
// At least one of the keys, or exactly one.
inline Json with_one(Json schema, std::string_view how, std::initializer_list<std::string_view> keys) {
  Json choices = Json::array();
  for (const auto key : keys) choices.push_back({{"required", Json::array({key})}});
  schema[std::string(how)] = choices;
  return schema;
}

Json signature_file();
Json detections();
Json depth();
Json rule(std::initializer_list<Key> more);  // with the keys of the list that it stands in

}  // namespace wardline::policy::schema
