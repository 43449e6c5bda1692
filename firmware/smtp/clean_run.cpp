#include "firmware/smtp/clean_run.hpp"

#include <emmintrin.h>

#include <algorithm>
#include <bit>

namespace postern::smtp {
namespace {

constexpr std::size_t kBlock = 64;

// Where in a block of 64 bytes each interesting one stands: bit i is byte i.
struct Marks {
  std::uint64_t cr = 0;
  std::uint64_t lf = 0;
  std::uint64_t nul = 0;
  std::uint64_t dot = 0;
};

std::uint64_t equal_bits(__m128i bytes, char c) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))));
}

Marks mark(const std::uint8_t* block) {
  Marks marks;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i);
    marks.cr |= equal_bits(bytes, '\r') << (16 * i);
    marks.lf |= equal_bits(bytes, '\n') << (16 * i);
    marks.nul |= equal_bits(bytes, '\0') << (16 * i);
    marks.dot |= equal_bits(bytes, '.') << (16 * i);
  }
  return marks;
}

// The length of the longest line that ends in this block; those that also start in it are shorter than the
// block.
std::uint32_t longest_line(const Marks& marks, const LinePosition& position) {
  const auto first_end = static_cast<std::uint32_t>(std::countr_zero(marks.lf));
  return std::max(position.length + first_end, marks.lf == 0 ? 0U : static_cast<std::uint32_t>(kBlock));
}

}  // namespace

std::size_t clean_run(const std::uint8_t* data, std::size_t size, std::uint32_t line_limit,
                      LinePosition& position) {
  std::size_t done = 0;
  for (; size - done >= kBlock; done += kBlock) {
    const Marks marks = mark(data + done);
    // Each bit of `expected` says: the byte before this one was CR. All is well where LFs stand exactly
    // there.
    const std::uint64_t expected = (marks.cr << 1) | (position.after_cr ? 1U : 0U);
    const std::uint64_t starts = (marks.lf << 1) | (position.line_start ? 1U : 0U);
    if (((expected ^ marks.lf) | marks.nul | (starts & marks.dot)) != 0) break;
    if (longest_line(marks, position) > line_limit) break;
    position.after_cr = (marks.cr >> 63) != 0;
    position.line_start = (marks.lf >> 63) != 0;
    const auto tail = static_cast<std::uint32_t>(std::countl_zero(marks.lf));
    position.length = marks.lf == 0 ? position.length + kBlock : tail;
    if (position.after_cr) --position.length;  // the CR belongs to the line's end
  }
  return done;
}

}  // namespace postern::smtp
