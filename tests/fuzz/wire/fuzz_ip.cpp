// Ethernet, ARP, IPv4 and IPv6 headers: views stay inside what they were given, and what is written parses.
#include <cstdlib>

#include "firmware/wire/arp.hpp"
#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"

using namespace postern;
using namespace postern::wire;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void try_arp(Bytes bytes) {
  const auto arp = Arp::parse(bytes);
  if (!arp) return;
  std::uint8_t again[Arp::kSize];
  arp->write(again);
  demand(std::memcmp(again, bytes.data(), sizeof again) == 0);
}

void try_ipv4(Bytes bytes) {
  const auto view = Ipv4View::open(bytes);
  if (!view) return;
  demand(inside(view->payload(), bytes) && inside(view->options(), bytes));
  judge_options(view->options());
  std::uint8_t written[kIpv4Header];
  Ipv4Header{.source = view->source(), .destination = view->destination(), .protocol = view->protocol()}
      .write(written);
  const auto again = Ipv4View::open(written);
  demand(again && again->checksum_good() && again->source() == view->source() && again->dont_fragment());
}

void try_ipv6(Bytes bytes) {
  const auto view = Ipv6View::open(bytes);
  if (!view) return;
  demand(inside(view->payload(), bytes));
  const auto walk = walk_extensions(view->next_header(), view->payload(), true);
  demand(inside(walk.rest, bytes));
  if (walk.end == Ipv6Walk::End::problem) demand(walk.pointer < view->bytes().size());
  if (walk.end != Ipv6Walk::End::fragment) return;
  if (const auto fragment = FragmentView::open(walk.rest)) {
    demand(inside(walk_extensions(fragment->next_header(), fragment->payload(), false).rest, bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (const auto frame = EthernetView::open(bytes)) {
    demand(inside(frame->payload(), bytes) && frame->vlan() < 4096);
    try_arp(frame->payload());
    try_ipv4(frame->payload());
    try_ipv6(frame->payload());
  }
  return 0;
}
