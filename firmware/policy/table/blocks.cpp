// See blocks.hpp.
#include "firmware/policy/table/blocks.hpp"

#include <algorithm>

namespace postern::policy::table {

std::size_t Blocks::class_for(std::uint64_t units) {
  const auto size = std::find_if(kSizes.begin(), kSizes.end(), [&](auto s) { return s >= units; });
  return static_cast<std::size_t>(size - kSizes.begin());
}

std::optional<std::uint64_t> Blocks::take(std::uint64_t units) {
  const auto wanted = class_for(units);
  if (wanted == kSizes.size()) return std::nullopt;
  if (free_[wanted].empty() && next_ + kSizes[wanted] <= units_) {
    const auto first = next_;
    next_ += kSizes[wanted];
    if (class_of_.size() < next_) class_of_.resize(next_);
    class_of_[first] = static_cast<std::uint8_t>(wanted);
    in_use_ += kSizes[wanted];
    return first;
  }
  for (auto size = wanted; size < kSizes.size(); ++size) {
    if (free_[size].empty()) continue;
    const auto first = free_[size].back();
    free_[size].pop_back();
    in_use_ += kSizes[size];
    return first;
  }
  return std::nullopt;
}

void Blocks::give_back(std::uint64_t first) {
  const auto size = class_of_[first];
  in_use_ -= kSizes[size];
  free_[size].push_back(first);
}

std::uint64_t Blocks::size_of(std::uint64_t first) const {
  return kSizes[class_of_[first]];
}

}  // namespace postern::policy::table
