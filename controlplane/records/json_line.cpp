#include "controlplane/records/json_line.h"

#include <array>
#include <nlohmann/json.hpp>

namespace wardline::records {
namespace {

enum class Byte : std::uint8_t { kPlain, kEscaped, kOther };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> kinds{};
  kinds.fill(Byte::kOther);  // control characters, and UTF-8 that has to be checked
  for (std::size_t c = 0x20; c < 0x80; ++c) kinds[c] = Byte::kPlain;
  kinds['"'] = kinds['\\'] = Byte::kEscaped;
  return kinds;
}();

}  // namespace

void JsonLine::append_quoted(std::string_view value) {
  const auto before = line_.size();
  line_ += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Byte kind = kBytes[static_cast<unsigned char>(value[i])];
    if (kind == Byte::kPlain) continue;
    if (kind == Byte::kOther) {
      using Json = nlohmann::json;
      line_.resize(before);
      line_ += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
      return;
    }
    line_ += value.substr(from, i - from);
    line_ += '\\';
    from = i;
  }
  line_ += value.substr(from);
  line_ += '"';
}

}  // namespace wardline::records
