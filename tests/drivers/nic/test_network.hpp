// A network namespace of the test's own, with a veth pair into a second one where the kernel is the peer.
//
// Needs root. Whatever is made is gone when the object is: the namespaces are anonymous or named by process
// id.
#pragma once

#include <string>

#include "tests/drivers/nic/packets.hpp"

namespace postern::nic::test {

class TestNetwork {
 public:
  // The calling thread moves into the new namespace until the object ends.
  TestNetwork();
  ~TestNetwork();
  TestNetwork(const TestNetwork&) = delete;
  TestNetwork& operator=(const TestNetwork&) = delete;

  // False, with a line on the console, where rights or tools are missing: the test has to be skipped.
  bool usable() const { return usable_; }
  // Our end of the pair, and the kernel's end as seen in its own namespace.
  static constexpr const char* kOurs = "pk0";
  static constexpr const char* kTheirs = "pk1";
  static constexpr V4 kTheirV4{10, 99, 0, 2};
  static constexpr V4 kOurV4{10, 99, 0, 1};
  static constexpr V6 kTheirV6{0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  static constexpr V6 kOurV6{0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  // Runs a shell command here, or in the peer's namespace; true where it ended well.
  bool run(const std::string& command) const;
  bool run_at_peer(const std::string& command) const;
  Mac their_mac() const;

 private:
  void set_up();

  bool usable_ = false;
  int home_ = -1;
  std::string peer_;
};

}  // namespace postern::nic::test
