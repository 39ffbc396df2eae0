#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "dataplane/error.h"

// What the files that answer requests share; see README.md.
namespace wardline::appliance {

using Json = nlohmann::ordered_json;

inline std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline Json fields_of(const Error& error) {
  return {{"code", error.code}, {"where", error.where}, {"what", error.what}};
}

// `exit` is what the command line ends with: 1 the answer is no, 2 bad input, 4 not permitted.
inline Json refusal(const Error& error, int exit) {
  return {{"ok", false}, {"exit", exit}, {"errors", Json::array({fields_of(error)})}};
}

inline Json bad(std::string what) {
  return refusal({"request.bad", "", std::move(what)}, 2);
}

inline std::string text_in(const Json& request, const char* key) {
  const auto found = request.find(key);
  return found != request.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline std::uint64_t number_in(const Json& request, const char* key, std::uint64_t otherwise) {
  const auto found = request.find(key);
  return found != request.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : otherwise;
}

}  // namespace wardline::appliance
