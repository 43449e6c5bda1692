// Times as reports write them. RFC 3339 §5.6.
#include <charconv>
#include <chrono>
#include <cstdio>

#include "firmware/control/reporter/report/tls_report.hpp"

namespace postern::reporter {
namespace {

// Exactly `digits` digits from the front of `text`.
bool take(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  const auto end = text.data() + digits;
  if (std::from_chars(text.data(), end, value).ptr != end || value < 0 || text[0] == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_offset(std::string_view& text, int& seconds) {
  if (take(text, "Zz")) return true;
  const int sign = text.starts_with('-') ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!take(text, "+-") || !take(text, 2, hours) || !take(text, ":") || !take(text, 2, minutes)) return false;
  seconds = sign * (hours * 3600 + minutes * 60);
  return hours < 24 && minutes < 60;
}

}  // namespace

std::string write_time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

bool read_time(std::string_view text, std::int64_t& seconds) {
  using namespace std::chrono;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take(text, 4, year) || !take(text, "-") || !take(text, 2, month) || !take(text, "-") ||
      !take(text, 2, day) || !take(text, "Tt ") || !take(text, 2, hour) || !take(text, ":") ||
      !take(text, 2, minute) || !take(text, ":") || !take(text, 2, second)) {
    return false;
  }
  if (take(text, ".")) {
    if (!take(text, "0123456789")) return false;
    while (take(text, "0123456789")) continue;
  }
  int offset = 0;
  if (!take_offset(text, offset) || !text.empty()) return false;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  seconds = sys_days(date).time_since_epoch() / std::chrono::seconds(1) + hour * 3600 + minute * 60 + second -
            offset;
  return true;
}

}  // namespace postern::reporter
