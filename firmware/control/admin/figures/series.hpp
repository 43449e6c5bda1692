// Figures over time, in memory that does not grow: three rings, of seconds, minutes and hours. A minute is
// the mean of its seconds, an hour that of its minutes. Pure: the time comes from who adds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::admin {

struct Span {
  std::string_view name;  // "5m", "1h", "24h", "7d", "30d"
  std::size_t ring;       // which ring it is read from
  std::int64_t step;      // seconds
  std::size_t points;
};
const Span& span_of(std::string_view name);  // "5m" where there is none

class Series {
 public:
  // One look a second; a second that is left out stays empty.
  void add(std::int64_t wall_seconds, const std::map<std::string, double>& figures);
  std::vector<std::string> names() const;
  // Oldest first, up to `now`; nothing where there was no look.
  std::vector<std::optional<double>> points(const std::string& name, const Span& span,
                                            std::int64_t now) const;

 private:
  struct Cell {
    std::int64_t at = -1;  // which step it is of
    double sum = 0;
    std::uint32_t count = 0;
  };
  using Ring = std::vector<Cell>;
  static constexpr std::array<std::size_t, 3> kCells{3600, 1440, 720};
  static constexpr std::array<std::int64_t, 3> kSteps{1, 60, 3600};

  std::map<std::string, std::array<Ring, 3>> rings_;
};

}  // namespace postern::admin
