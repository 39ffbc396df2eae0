#include "controlplane/reports/report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace wardline::reports {

std::string text_of(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string text_of(const Cell& cell) {
  struct Words {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::int64_t count) const { return std::to_string(count); }
    std::string operator()(double percent) const { return fmt::format("{:.1f}", percent); }
    std::string operator()(WallTime time) const { return text_of(time); }
  };
  return std::visit(Words{}, cell);
}

Cell share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return {};
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  const auto percent = share(part, whole);
  return std::holds_alternative<double>(percent) ? text_of(percent) + " %" : "no share";
}

}  // namespace wardline::reports
