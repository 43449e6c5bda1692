// `tcp-host --help`: the manual page; the options come from the tables that read them.
#include <cstdio>
#include <string>

#include "tools/tcp_host/options.hpp"

namespace postern::tcp_host {

namespace {

constexpr const char* kHead = R"(NAME
  tcp-host - Postern's own TCP/IP on any port, with the small services that tests need

SYNOPSIS
  tcp-host --vdev DEVICE --ip ADDRESS/BITS [--ip6 ...] --serve SERVICE:PORT,... [OPTION...]
  tcp-host --vdev DEVICE --ip ADDRESS/BITS --connect ADDRESS:PORT [--do DEED] [OPTION...]

DESCRIPTION
  Starts the firmware's IP and TCP engines behind one DPDK port, with addresses of its own, and serves or opens
  connections. The kernel must not have these addresses. On a veth pair turn the offloads of the kernel's end off
  (ethtool -K x tx off rx off tso off gso off gro off), else frames come with open checksums.
  When the port is up and the addresses are ours (after duplicate address detection) it prints `ready`.
  Numbers may end in k, M or G (1024); spans in us, ms, s, min or h; chances are 0 to 1, or such as 3%.

SERVICES
  echo     what comes goes back                         discard  what comes is counted
  chargen  RFC 864's pattern without end                rr       requests and responses, see below
  digest   reads to the peer's FIN, then answers "<crc32> <bytes>\n" and closes
  source   reads "<bytes>\n", sends so much of the pattern and closes
  A request of rr is two 32-bit big-endian numbers, the length of the request with them and of the response, and
  filler. The pattern starts over every 7030 bytes.

CONNECTING (--do)
  send:BYTES         the pattern, then FIN              receive         reads to the peer's FIN, checks the pattern
  echo:BYTES         the pattern, the same back         source:BYTES    asks a source service, checks what comes
  rr:COUNT:REQ:RESP  requests one after the other       hold            opens and stays (ends with --seconds)
)";

constexpr const char* kTail = R"(
SIGNALS
  SIGTERM, SIGINT  end: listeners close, connections are reset, counters are written
  SIGUSR1          write the counters now (--json)

EXIT STATUS
  0  served until told to stop, or every connection did its deed
  1  the port did not start, or a connection failed
  2  the command line is wrong

EXAMPLES
  tcp-host --vdev net_tap0,iface=tap7 --ip 192.0.2.2/24 --ip6 2001:db8::2/64 --serve echo:7,discard:9,chargen:19,rr:5000
      then: ip addr add 192.0.2.1/24 dev tap7; nc 192.0.2.2 7
  tcp-host --vdev net_af_packet0,iface=veth0 --ip 192.0.2.2/24 --connect 192.0.2.1:5201 --do send:100M --json out.json
  tcp-host ... --loss 1% --delay 20ms --slots 20000 --direction in --reorder 5% --seed 7 --pcap line.pcap
)";

void print_words(const Group& group) {
  std::printf("\n%s\n", std::string(group.title).c_str());
  for (const auto& word : group.words) {
    std::string left = "  " + std::string(word.name) + " " + std::string(word.takes);
    left.resize(left.size() < 33 ? 33 : left.size() + 1, ' ');
    std::printf("%s%s\n", left.c_str(), word.help.c_str());
  }
}

}  // namespace

void print_help() {
  std::fputs(kHead, stdout);
  for (const auto& group : groups()) print_words(group);
  std::fputs(kTail, stdout);
}

}  // namespace postern::tcp_host
