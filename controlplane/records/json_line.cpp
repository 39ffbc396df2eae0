#include "controlplane/records/json_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wardline::records {

void JsonLine::append_quoted(std::string_view value) {
  const bool plain = std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) {
    line_ += '"';
    line_ += value;
    line_ += '"';
    return;
  }
  using Json = nlohmann::json;
  line_ += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wardline::records
