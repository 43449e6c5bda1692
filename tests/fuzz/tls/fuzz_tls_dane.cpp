// A server's chain and a host's TLSA records, both from strangers: whatever they are, the judgement ends,
// within its bounds, and nobody is believed without a record that matches.
//
// Input: pieces, each with a two-byte length. The first byte of a piece says what it is: below 128 a
// certificate of the chain, else a record (usage, selector, matching, data).
#include <sodium.h>

#include <cstdlib>

#include "firmware/tls/dane.hpp"
#include "firmware/tls/library.hpp"

using namespace postern;
using namespace postern::tls;

namespace {

struct Pieces {
  std::vector<Bytes> chain;
  ServerDemand demand;
};

Pieces split(Bytes input) {
  Pieces pieces;
  while (input.size() > 3 && pieces.chain.size() < 9 && pieces.demand.tlsa.size() < 32) {
    const auto length = std::min<std::size_t>(load_be16(input.data()), input.size() - 3);
    const auto kind = input[2];
    const auto piece = input.subspan(3, length);
    input = input.subspan(3 + length);
    if (kind < 128) {
      pieces.chain.push_back(piece);
    } else if (piece.size() >= 3) {
      pieces.demand.tlsa.push_back({piece[0], piece[1], piece[2], {piece.begin() + 3, piece.end()}});
    }
  }
  pieces.demand.tlsa_names = {"mail.example.com"};
  return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = start_library().has_value();
  if (!ready) std::abort();
  const auto pieces = split({data, size});
  const auto verdict = dane_verdict(pieces.demand, pieces.chain, WallTime(std::chrono::hours(24 * 21000)));
  if (verdict.judgement != Judgement::met) return 0;
  const auto index = static_cast<std::size_t>(verdict.record);
  if (verdict.record < 0 || index >= pieces.demand.tlsa.size()) std::abort();
  const auto& record = pieces.demand.tlsa[index];
  if (record.usage != 2 && record.usage != 3) std::abort();
  if (record.usage == 3 && verdict.depth != 0) std::abort();
  return 0;
}
