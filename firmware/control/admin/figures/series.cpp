// Figures over time: see the header.
#include "firmware/control/admin/figures/series.hpp"

#include <algorithm>

namespace postern::admin {

namespace {

constexpr std::array<Span, 5> kSpans{{{"5m", 0, 1, 300},
                                      {"1h", 0, 10, 360},
                                      {"24h", 1, 300, 288},
                                      {"7d", 2, 3600, 168},
                                      {"30d", 2, 10800, 240}}};

}  // namespace

const Span& span_of(std::string_view name) {
  const auto* at =
      std::find_if(kSpans.begin(), kSpans.end(), [&](const Span& one) { return one.name == name; });
  return at == kSpans.end() ? kSpans[0] : *at;
}

void Series::add(std::int64_t wall_seconds, const std::map<std::string, double>& figures) {
  for (const auto& [name, value] : figures) {
    auto& rings = rings_[name];
    for (std::size_t i = 0; i < rings.size(); ++i) {
      if (rings[i].empty()) rings[i].resize(kCells[i]);
      const auto step = wall_seconds / kSteps[i];
      auto& cell = rings[i][static_cast<std::size_t>(step) % kCells[i]];
      if (cell.at != step) cell = {step, 0, 0};
      cell.sum += value;
      ++cell.count;
    }
  }
}

std::vector<std::string> Series::names() const {
  std::vector<std::string> all;
  for (const auto& [name, rings] : rings_) all.push_back(name);
  return all;
}

std::vector<std::optional<double>> Series::points(const std::string& name, const Span& span,
                                                  std::int64_t now) const {
  std::vector<std::optional<double>> all(span.points);
  const auto at = rings_.find(name);
  if (at == rings_.end() || at->second[span.ring].empty()) return all;
  const auto& ring = at->second[span.ring];
  const auto cells = std::max<std::int64_t>(1, span.step / kSteps[span.ring]);
  const std::int64_t last = now / span.step;
  for (std::size_t i = 0; i < span.points; ++i) {
    const auto first = (last - static_cast<std::int64_t>(span.points - 1 - i)) * cells;
    double sum = 0;
    std::uint32_t count = 0;
    for (std::int64_t step = first; step < first + cells; ++step) {
      const auto& cell = ring[static_cast<std::size_t>(step) % ring.size()];
      if (cell.at != step) continue;
      sum += cell.sum;
      count += cell.count;
    }
    if (count != 0) all[i] = sum / count;
  }
  return all;
}

}  // namespace postern::admin
