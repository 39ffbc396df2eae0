#include "controlplane/alerts/syslog.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "controlplane/alerts/text.h"
#include "controlplane/records/time_text.h"

namespace wardline::alerts {

namespace {

constexpr int kLocal0 = 16;
constexpr std::string_view kProgram = "wardlined";

// Printable US-ASCII without blanks, as header fields must be; "-" for nothing.
std::string field(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out += c > 32 && c < 127 ? c : '_';
  return out.empty() ? "-" : out;
}

std::string old_time(inventory::WallTime time) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{} {:2} {:02}:{:02}:{:02}", kMonths[unsigned{date.month()} - 1], unsigned{date.day()},
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

std::string syslog_line(const Alert& alert, SyslogHeader header, std::string_view host, inventory::WallTime time) {
  const int priority = kLocal0 * 8 + static_cast<int>(alert.level);
  std::string line;
  if (header == SyslogHeader::kRfc5424) {
    line = fmt::format("<{}>1 {} {} {} - {} - {}", priority, records::text_of(time), field(host, 255), kProgram,
                       field(alert.message_id, 32), alert.cef);
  } else {
    line = fmt::format("<{}>{} {} {}: {}", priority, old_time(time), field(host, 255), kProgram, alert.cef);
  }
  line.resize(cut(line, kMostSyslogBytes).size());
  return line;
}

}  // namespace wardline::alerts
