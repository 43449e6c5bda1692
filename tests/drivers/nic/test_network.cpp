// Made with ip(8) and ethtool(8), as a person would.
#include "tests/drivers/nic/test_network.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace postern::nic::test {

TestNetwork::TestNetwork() : peer_("postern-nic-test-" + std::to_string(::getpid())) {
  home_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (::geteuid() != 0 || home_ < 0 || ::unshare(CLONE_NEWNET) != 0) {
    std::printf("\n(skipped: needs root and network namespaces)\n");
    return;
  }
  set_up();
  if (!usable_) std::printf("\n(skipped: ip or ethtool do not do what the test needs)\n");
}

TestNetwork::~TestNetwork() {
  if (usable_) run("ip link del pk0");
  run("ip netns del " + peer_);
  if (home_ >= 0) {
    if (::setns(home_, CLONE_NEWNET) != 0) std::abort();
    ::close(home_);
  }
}

bool TestNetwork::run(const std::string& command) const {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

bool TestNetwork::run_at_peer(const std::string& command) const {
  return run("ip netns exec " + peer_ + " sh -c '" + command + "'");
}

void TestNetwork::set_up() {
  usable_ = run("ip netns add " + peer_) && run("ip link add pk0 type veth peer name pk1 netns " + peer_) &&
            run("sysctl -w net.ipv6.conf.pk0.disable_ipv6=1") &&
            run("ethtool -K pk0 tx off rx off tso off gso off gro off") &&
            run_at_peer("sysctl -w net.ipv6.conf.pk1.accept_dad=0") &&
            run_at_peer("ethtool -K pk1 tx off rx off tso off gso off gro off") &&
            run_at_peer("ip addr add 10.99.0.2/24 dev pk1") &&
            run_at_peer("ip addr add fd99::2/64 dev pk1 nodad") && run_at_peer("ip link set pk1 up") &&
            run("ip link set pk0 up");
}

Mac TestNetwork::their_mac() const {
  Mac mac{};
  const std::string command = "ip netns exec " + peer_ + " cat /sys/class/net/pk1/address";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "re"), &::pclose);
  std::array<unsigned, 6> bytes{};
  if (std::fscanf(pipe.get(), "%x:%x:%x:%x:%x:%x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4],
                  &bytes[5]) == 6) {
    for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(bytes[i]);
  }
  return mac;
}

}  // namespace postern::nic::test
