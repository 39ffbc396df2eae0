#include "controlplane/assets/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace wardline::assets {
namespace {

using inventory::WallTime;
using std::chrono::microseconds;

// Takes from the front of a text. After the first thing that is not as expected it stays bad.
class Front {
 public:
  explicit Front(std::string_view text) : text_(text) {}

  bool good() const { return good_; }
  bool done() const { return text_.empty(); }

  bool skip(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) { good_ = skip(word) && good_; }

  int number(std::size_t digits, int most) {
    int value = 0;
    const auto taken = text_.substr(0, digits);
    const auto read = std::from_chars(taken.data(), taken.data() + taken.size(), value);
    const bool whole = taken.size() == digits && read.ec == std::errc{} && read.ptr == taken.data() + taken.size();
    good_ = good_ && whole && value >= 0 && value <= most;
    text_.remove_prefix(taken.size());
    return value;
  }

  // What follows a decimal point, to the microsecond.
  microseconds fraction() {
    const auto digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 6; ++i) value = value * 10 + (i < digits ? text_[i] - '0' : 0);
    good_ = good_ && digits != 0 && digits <= 9;
    text_.remove_prefix(digits);
    return microseconds(value);
  }

  microseconds clock() {
    const int hour = number(2, 23);
    expect(":");
    const int minute = number(2, 59);
    expect(":");
    const int second = number(2, 60);  // a leap second
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }

 private:
  std::string_view text_;
  bool good_ = true;
};

std::optional<WallTime> time_of(const Front& read, int year, int month, int day, microseconds since_midnight) {
  const auto date = std::chrono::year(year) / month / day;
  if (!read.good() || !read.done() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + since_midnight;
}

std::chrono::minutes read_zone(Front& text) {
  if (text.done() || text.skip("Z") || text.skip("z")) return {};
  const int sign = text.skip("-") ? -1 : 1;
  if (sign == 1) text.expect("+");
  const int hours = text.number(2, 23);
  text.expect(":");
  return sign * std::chrono::minutes(hours * 60 + text.number(2, 59));
}

std::optional<WallTime> read_rfc3339(Front text) {
  const int year = text.number(4, 9999);
  text.expect("-");
  const int month = text.number(2, 12);
  text.expect("-");
  const int day = text.number(2, 31);
  if (!text.skip("T") && !text.skip("t")) text.expect(" ");
  auto time = text.clock();
  if (text.skip(".")) time += text.fraction();
  time -= read_zone(text);
  return time_of(text, year, month, day, time);
}

std::optional<WallTime> read_freeradius(Front text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
                                                     "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
  const auto month = std::ranges::find_if(kMonths, [&](std::string_view name) { return text.skip(name); });
  if (month == kMonths.end()) return std::nullopt;
  const int day = text.skip(" ") ? text.number(1, 9) : text.number(2, 31);
  text.expect(" ");
  const int year = text.number(4, 9999);
  text.expect(" ");
  const auto time = text.clock();
  if (!text.skip(" UTC")) text.expect(" GMT");
  return time_of(text, year, static_cast<int>(month - kMonths.begin()) + 1, day, time);
}

std::optional<WallTime> read_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  constexpr std::int64_t kLast = 253'402'300'799;  // of the year 9999
  if (read.ec != std::errc{} || read.ptr != end || seconds < 0 || seconds > kLast) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace

std::optional<WallTime> read_time(std::string_view text) {
  if (const auto time = read_seconds(text)) return time;
  if (const auto time = read_rfc3339(Front(text))) return time;
  return read_freeradius(Front(text));
}

}  // namespace wardline::assets
