// tcp-line: a line with a rate, a queue, a delay and losses between two kernel interfaces.
//
//   tcp-line LEFT RIGHT [--rate MBIT] [--queue BYTES] [--delay SPAN] [--loss CHANCE] [--seed N]
//
// The kernel of the test machine may have no netem; this is what the bench puts between two hosts, whoever
// they are. Each direction has the rate and a drop-tail queue of its own, and half the delay; losses hit what
// goes from LEFT to RIGHT. The same seed loses the same frames. SIGTERM ends it; what it lost and dropped is
// printed then.
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "platform/clock/clock.hpp"
#include "tools/tcp_host/options.hpp"
#include "tools/tcp_host/slow_line.hpp"

namespace postern::tcp_host {
namespace {

constexpr std::uint16_t kAllFrames = 0x0003;  // ETH_P_ALL
constexpr int kFramesPerTurn = 64;

volatile std::sig_atomic_t stop_asked = 0;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

int open_socket(const char* interface) {
  const int made = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(kAllFrames));
  if (made < 0) give_up("tcp-line: packet socket");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(kAllFrames);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  if (address.sll_ifindex == 0 || ::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    give_up(interface);
  const int on = 1;
  ::setsockopt(made, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  const int room = 32 << 20;
  ::setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  ::setsockopt(made, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  return made;
}

// One direction: in at one socket, through the queue, out at the other.
class Direction {
 public:
  Direction(int from, int to, const SlowLineOptions& options, double loss)
      : from_(from), to_(to), line_(options, loss) {}

  bool take(Instant now) {
    std::array<std::uint8_t, SlowLine::kLongest> bytes;
    const auto got = ::recv(from_, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    Frame frame;
    frame.data = bytes.data();
    frame.length = frame.capacity = static_cast<std::uint16_t>(got);
    line_.put(frame, now);
    return true;
  }

  void deliver(Instant now) {
    while (auto* held = line_.take(now)) {
      if (::send(to_, held->bytes + kFrameHeadroom, held->length, 0) < 0) ++failed_;
      line_.free(held);
    }
  }

  Instant next_deadline() const { return line_.next_deadline(); }
  void tell(const char* name) const {
    std::printf("%s: %llu frames, %llu lost, %llu dropped by the queue, %llu not sent\n", name,
                line_.passed(), line_.lost(), line_.dropped(), failed_);
  }

 private:
  int from_;
  int to_;
  SlowLine line_;
  unsigned long long failed_ = 0;
};

SlowLineOptions read_words(int count, char** words) {
  SlowLineOptions options;
  for (int i = 3; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    const bool good = name == "--rate" ? read_number(words[i + 1], options.megabits) && options.megabits > 0
                      : name == "--queue" ? read_number(words[i + 1], options.queue)
                      : name == "--delay" ? read_span(words[i + 1], options.delay)
                      : name == "--loss"  ? read_chance(words[i + 1], options.loss)
                      : name == "--seed"  ? read_number(words[i + 1], options.seed)
                                          : false;
    if (!good) std::fprintf(stderr, "tcp-line: %s %s?\n", words[i], words[i + 1]), std::exit(2);
  }
  return options;
}

int run(int count, char** words) {
  if (count < 3)
    return std::fprintf(stderr,
                        "tcp-line LEFT RIGHT [--rate MBIT] [--queue BYTES] [--delay SPAN] [--loss CHANCE] "
                        "[--seed N]\n"),
           2;
  const SlowLineOptions options = read_words(count, words);
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  ::prctl(PR_SET_TIMERSLACK, 1);
  const int left = open_socket(words[1]);
  const int right = open_socket(words[2]);
  Direction there(left, right, options, options.loss);
  Direction back(right, left, options, 0);
  std::printf("ready\n");
  std::fflush(stdout);
  while (stop_asked == 0) {
    for (Direction* direction : {&there, &back}) {
      for (int i = 0; i < kFramesPerTurn && direction->take(clock::kernel_instant()); ++i) {
      }
      direction->deliver(clock::kernel_instant());
    }
    const Instant next = std::min(there.next_deadline(), back.next_deadline());
    const Duration wait = std::clamp(next - clock::kernel_instant(), Duration::zero(), Duration(50ms));
    const timespec span{.tv_sec = 0, .tv_nsec = wait.count()};
    pollfd sockets[] = {{.fd = left, .events = POLLIN, .revents = 0},
                        {.fd = right, .events = POLLIN, .revents = 0}};
    ::ppoll(sockets, 2, &span, nullptr);
  }
  there.tell("there");
  back.tell("back");
  return 0;
}

}  // namespace
}  // namespace postern::tcp_host

int main(int count, char** words) {
  return postern::tcp_host::run(count, words);
}
