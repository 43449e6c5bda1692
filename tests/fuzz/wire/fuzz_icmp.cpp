// ICMP messages, the datagrams they quote, and neighbour discovery.
#include <cstdlib>

#include "firmware/wire/icmp.hpp"
#include "firmware/wire/nd.hpp"

using namespace postern;
using namespace postern::wire;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void try_quote(const Result<Quote>& quote, Bytes whole) {
  if (!quote) return;
  demand(quote->transport.size() >= 8 && quote->transport.data() >= whole.data() &&
         quote->transport.data() + quote->transport.size() <= whole.data() + whole.size());
}

// Written and parsed again, a message says the same.
void try_nd(Bytes bytes) {
  std::uint8_t written[64];
  if (const auto asked = NeighbourSolicitation::parse(bytes)) {
    const auto again = NeighbourSolicitation::parse({written, asked->write(written)});
    demand(again && again->target == asked->target && again->source_mac == asked->source_mac);
  }
  if (const auto said = NeighbourAdvertisement::parse(bytes)) {
    const auto again = NeighbourAdvertisement::parse({written, said->write(written)});
    demand(again && again->target == said->target && again->target_mac == said->target_mac &&
           again->solicited == said->solicited && again->override_entry == said->override_entry);
  }
  static_cast<void>(RouterAdvertisement::parse(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (const auto message = IcmpView::open(bytes)) {
    try_quote(Quote::parse_v4(message->body()), bytes);
    try_quote(Quote::parse_v6(message->body()), bytes);
  }
  try_nd(bytes);
  return 0;
}
