// lwip-peer: Debian's packaged lwIP behind a kernel interface, as an independent peer for our TCP.
//
//   lwip-peer INTERFACE ADDRESS4 ADDRESS6 serve                       echo 7, digest 5001, source 5002, as
//   tcp-host's lwip-peer INTERFACE ADDRESS4 ADDRESS6 PEER digest|echo|source N   one errand; prints what came
//   of it
//
// The kernel has no address on the interface. Exit status 0: the errand was done and its content was right.
// The package declares its locks without C linkage.
extern "C" {
#include <lwip/opt.h>
}

#include <lwip/api.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/ip_addr.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/lab/lwip_peer/link.hpp"
#include "tools/tcp_host/pattern.hpp"

namespace lwip_peer {
namespace {

using postern::Bytes;
using postern::tcp_host::crc32;
using postern::tcp_host::is_pattern;
using postern::tcp_host::pattern;

constexpr std::uint16_t kEcho = 7;
constexpr std::uint16_t kDigest = 5001;
constexpr std::uint16_t kSource = 5002;

err_t link_output(netif* interface, pbuf* frame) {
  static_cast<const Link*>(interface->state)
      ->send(static_cast<const std::uint8_t*>(frame->payload), frame->len);
  return ERR_OK;
}

err_t prepare(netif* interface) {
  const auto& mac = static_cast<const Link*>(interface->state)->mac();
  std::copy(mac.begin(), mac.end(), interface->hwaddr);
  interface->hwaddr_len = 6;
  interface->mtu = 1500;
  interface->name[0] = 'e';
  interface->name[1] = 't';
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_MLD6;
  interface->output = etharp_output;
  interface->output_ip6 = ethip6_output;
  interface->linkoutput = link_output;
  return ERR_OK;
}

void read_frames(const Link& link, netif& interface) {
  std::array<std::uint8_t, 2048> bytes;
  while (true) {
    const auto length = static_cast<u16_t>(link.receive(bytes.data(), bytes.size()));
    if (length == 0) continue;
    // Not PBUF_POOL: the package's pool buffers are smaller than it believes.
    pbuf* frame = pbuf_alloc(PBUF_RAW, length, PBUF_RAM);
    if (frame == nullptr) continue;
    pbuf_take(frame, bytes.data(), length);
    if (interface.input(frame, &interface) != ERR_OK) pbuf_free(frame);
  }
}

void start(const Link& link, netif& interface, const char* v4, const char* v6) {
  tcpip_init(nullptr, nullptr);
  ip_addr_t four;
  ip_addr_t six;
  ip4_addr_t mask;
  ip4_addr_t gateway;
  if (ipaddr_aton(v4, &four) == 0 || ipaddr_aton(v6, &six) == 0) std::exit(2);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  ip4_addr_set_zero(&gateway);
  LOCK_TCPIP_CORE();
  netif_add(&interface, ip_2_ip4(&four), &mask, &gateway, const_cast<Link*>(&link), prepare, tcpip_input);
  netif_set_default(&interface);
  netif_create_ip6_linklocal_address(&interface, 1);
  netif_ip6_addr_set_state(&interface, 0, IP6_ADDR_PREFERRED);
  netif_ip6_addr_set(&interface, 1, ip_2_ip6(&six));
  netif_ip6_addr_set_state(&interface, 1, IP6_ADDR_PREFERRED);
  netif_set_up(&interface);
  netif_set_link_up(&interface);
  UNLOCK_TCPIP_CORE();
  std::thread([&] { read_frames(link, interface); }).detach();
}

// Calls `take` with every piece up to the peer's FIN; false where the connection broke before.
template <typename Take>
bool read_all(netconn* connection, Take&& take) {
  while (true) {
    pbuf* data = nullptr;
    const err_t status = netconn_recv_tcp_pbuf(connection, &data);
    if (status == ERR_CLSD) return true;
    if (status != ERR_OK) return false;
    for (const pbuf* piece = data; piece != nullptr; piece = piece->next)
      take(Bytes{static_cast<const std::uint8_t*>(piece->payload), piece->len});
    pbuf_free(data);
  }
}

bool write_all(netconn* connection, Bytes bytes) {
  return netconn_write(connection, bytes.data(), bytes.size(), NETCONN_COPY) == ERR_OK;
}

bool write_pattern(netconn* connection, std::uint64_t count) {
  for (std::uint64_t offset = 0; offset < count;) {
    Bytes piece = pattern(offset);
    piece = piece.first(std::min<std::uint64_t>(piece.size(), count - offset));
    if (!write_all(connection, piece)) return false;
    offset += piece.size();
  }
  return true;
}

Bytes as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string digest_line(std::uint32_t crc, std::uint64_t count) {
  std::array<char, 40> line;
  std::snprintf(line.data(), line.size(), "%08x %llu\n", crc, static_cast<unsigned long long>(count));
  return line.data();
}

void serve_digest(netconn* connection) {
  std::uint32_t crc = 0;
  std::uint64_t count = 0;
  read_all(connection, [&](Bytes piece) { crc = crc32(crc, piece), count += piece.size(); });
  write_all(connection, as_bytes(digest_line(crc, count)));
}

void serve_echo(netconn* connection) {
  read_all(connection, [&](Bytes piece) { write_all(connection, piece); });
}

void serve_source(netconn* connection) {
  std::string asked;
  while (asked.empty() || asked.back() != '\n') {
    pbuf* data = nullptr;
    if (netconn_recv_tcp_pbuf(connection, &data) != ERR_OK) return;
    asked.append(static_cast<const char*>(data->payload), data->len);
    pbuf_free(data);
  }
  write_pattern(connection, std::strtoull(asked.c_str(), nullptr, 10));
}

void serve(std::uint16_t port, void (*service)(netconn*)) {
  netconn* listener = netconn_new(NETCONN_TCP_IPV6);
  netconn_bind(listener, IP6_ADDR_ANY, port);
  netconn_listen(listener);
  while (true) {
    netconn* connection = nullptr;
    if (netconn_accept(listener, &connection) != ERR_OK) continue;
    std::thread([=] {
      service(connection);
      netconn_close(connection);
      netconn_delete(connection);
    }).detach();
  }
}

bool run_digest(netconn* connection, std::uint64_t count) {
  if (!write_pattern(connection, count) || netconn_shutdown(connection, 0, 1) != ERR_OK) return false;
  std::uint32_t crc = 0;
  for (std::uint64_t offset = 0; offset < count;) {
    const Bytes piece =
        pattern(offset).first(std::min<std::uint64_t>(pattern(offset).size(), count - offset));
    crc = crc32(crc, piece);
    offset += piece.size();
  }
  std::string answer;
  const bool whole = read_all(connection, [&](Bytes piece) { answer.append(piece.begin(), piece.end()); });
  return whole && answer == digest_line(crc, count);
}

bool run_source(netconn* connection, std::uint64_t count) {
  if (!write_all(connection, as_bytes(std::to_string(count) + "\n"))) return false;
  std::uint64_t got = 0;
  bool right = true;
  const bool whole = read_all(connection, [&](Bytes piece) {
    right = right && is_pattern(piece, got);
    got += piece.size();
  });
  return whole && right && got == count;
}

bool run_echo(netconn* connection, std::uint64_t count) {
  std::thread writer([=] { write_pattern(connection, count), netconn_shutdown(connection, 0, 1); });
  std::uint64_t got = 0;
  bool right = true;
  const bool whole = read_all(connection, [&](Bytes piece) {
    right = right && is_pattern(piece, got);
    got += piece.size();
  });
  writer.join();
  return whole && right && got == count;
}

int run_errand(const char* peer, const std::string& what, std::uint64_t count) {
  ip_addr_t to;
  if (ipaddr_aton(peer, &to) == 0) return 2;
  netconn* connection = netconn_new(IP_IS_V6(&to) ? NETCONN_TCP_IPV6 : NETCONN_TCP);
  const std::uint16_t port = what == "echo" ? kEcho : what == "source" ? kSource : kDigest;
  if (const err_t status = netconn_connect(connection, &to, port); status != ERR_OK)
    return std::printf("connect: lwIP says %d\n", status), std::fflush(stdout), 1;
  const bool done = what == "echo"     ? run_echo(connection, count)
                    : what == "source" ? run_source(connection, count)
                                       : run_digest(connection, count);
  netconn_close(connection);
  netconn_delete(connection);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the last acknowledgments leave
  std::printf("%s %llu: %s\n", what.c_str(), static_cast<unsigned long long>(count),
              done ? "right" : "WRONG");
  std::fflush(stdout);
  return done ? 0 : 1;
}

}  // namespace
}  // namespace lwip_peer

int main(int count, char** words) {
  using namespace lwip_peer;
  if (count != 5 && count != 7) return std::fprintf(stderr, "lwip-peer: see the head of its source\n"), 2;
  static const Link link(words[1]);
  static netif interface;
  start(link, interface, words[2], words[3]);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  if (count == 7) std::_Exit(run_errand(words[4], words[5], std::strtoull(words[6], nullptr, 10)));
  std::printf("ready\n");
  std::fflush(stdout);
  std::thread(serve, kEcho, serve_echo).detach();
  std::thread(serve, kDigest, serve_digest).detach();
  serve(kSource, serve_source);
}
