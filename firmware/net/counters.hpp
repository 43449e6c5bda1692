// What firmware/net counts: every drop and every refusal has a name.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::net {

#define POSTERN_NET_COUNTERS(X)                                                            \
  X(frames_in, "frames received")                                                          \
  X(segments_in, "TCP segments for us passed on")                                          \
  X(frames_exception, "frames left to the kernel")                                         \
  X(frames_out, "frames sent")                                                             \
  X(answers_out, "answers and solicitations sent")                                         \
  X(dropped_port, "dropped: from a port that is not configured")                           \
  X(dropped_device_checksum, "dropped: the device found a wrong checksum")                 \
  X(dropped_ethernet, "dropped: malformed Ethernet header")                                \
  X(dropped_vlan, "dropped: tagged for a VLAN that is not ours")                           \
  X(dropped_foreign_mac, "dropped: for another station")                                   \
  X(dropped_ethertype, "dropped: neither ARP, IPv4 nor IPv6")                              \
  X(dropped_arp, "dropped: malformed ARP, or one that makes no sense")                     \
  X(dropped_ipv4, "dropped: malformed IPv4 header or options")                             \
  X(dropped_ipv4_checksum, "dropped: wrong IPv4 header checksum")                          \
  X(dropped_source_route, "dropped: IPv4 source route")                                    \
  X(dropped_ipv6, "dropped: malformed IPv6 header or extension headers")                   \
  X(dropped_martian, "dropped: impossible source address")                                 \
  X(dropped_own_source, "dropped: one of our own addresses as source")                     \
  X(dropped_not_ours, "dropped: for an IP address that is not ours")                       \
  X(dropped_wrong_port, "dropped: for an address of another port of ours")                 \
  X(dropped_tentative, "dropped: for an address that is not yet or never ours")            \
  X(dropped_link_multicast, "dropped: unicast datagram in a broadcast or multicast frame") \
  X(dropped_protocol, "dropped: a protocol that is not ours")                              \
  X(dropped_icmp, "dropped: malformed ICMP")                                               \
  X(dropped_icmp_checksum, "dropped: wrong ICMP checksum")                                 \
  X(dropped_icmp_type, "dropped: an ICMP type we have no use for")                         \
  X(dropped_icmp_error, "dropped: ICMP error that quotes nothing we sent")                 \
  X(dropped_redirect, "dropped: redirects are not obeyed")                                 \
  X(dropped_router_advertisement, "dropped: routes come from the settings")                \
  X(router_advertisements, "router advertisements taken")                                  \
  X(routers_full, "router advertisements refused: as many default routers as we keep")     \
  X(tests_looped, "tests of our own addresses that came back to us")                       \
  X(time_exceeded_out, "ICMP errors about datagrams whose fragments never all came")       \
  X(dropped_nd, "dropped: neighbour discovery that fails a check of RFC 4861")             \
  X(dropped_nd_fragment, "dropped: neighbour discovery in fragments (RFC 6980)")           \
  X(echo_replies, "echo requests answered")                                                \
  X(echo_too_big, "echo requests not answered: reply would not fit a frame")               \
  X(icmp_errors_in, "ICMP errors about our TCP segments passed on")                        \
  X(icmp_errors_out, "ICMP errors sent")                                                   \
  X(icmp_limited, "ICMP messages not sent: rate limit")                                    \
  X(answers_full, "answers not sent: queue full")                                          \
  X(neighbours_full, "neighbours not entered: table full of reachable ones")               \
  X(neighbours_evicted, "unconfirmed neighbours replaced by newer ones")                   \
  X(neighbours_failed, "neighbours that did not answer")                                   \
  X(neighbours_resolved, "neighbours that answered the first time")                        \
  X(waiting_full, "frames dropped: too many wait for a neighbour")                         \
  X(waiting_failed, "frames dropped: their neighbour did not answer")                      \
  X(address_conflicts, "frames from another station that uses one of our addresses")       \
  X(address_duplicates, "addresses not used: somebody else has them")                      \
  X(fragments_in, "fragments received")                                                    \
  X(reassembled, "datagrams put together")                                                 \
  X(dropped_fragment, "dropped: malformed fragment")                                       \
  X(dropped_fragment_tiny, "dropped: fragment too small to be honest")                     \
  X(dropped_fragment_overlap, "datagrams dropped: overlapping fragments")                  \
  X(dropped_fragment_duplicate, "fragments ignored: there already, byte for byte")         \
  X(dropped_fragment_size, "fragments dropped: datagram larger than we put together")      \
  X(dropped_fragment_source, "fragments dropped: too many datagrams from one network")     \
  X(reassembly_evicted, "datagrams given up for newer ones")                               \
  X(reassembly_timeouts, "datagrams given up: fragments missing")                          \
  X(send_no_route, "frames not sent: no route")                                            \
  X(send_too_long, "frames not sent: longer than the port's MTU")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_NET_COUNTERS);

}  // namespace postern::net
