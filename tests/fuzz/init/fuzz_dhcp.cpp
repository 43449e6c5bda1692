// DHCP answers: any bytes, at any time, end in a usable lease or in none; a lease has an address and a mask.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "firmware/init/dhcp.hpp"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr init::HardwareAddress kOwn{1, 2, 3, 4, 5, 6};
  init::Dhcp client(kOwn, 0x01020304);
  init::Dhcp::Clock::time_point now{};
  Bytes rest{data, size};
  // Messages of up to 255 bytes behind a fixed head, so that the fuzzer need not find our address.
  while (!rest.empty()) {
    (void)client.turn(now);
    const auto length = std::min<std::size_t>(rest.size() - 1, rest[0]);
    std::vector<std::uint8_t> message(240 + length);
    message[0] = 2;
    message[4] = 1, message[5] = 2, message[6] = 3, message[7] = 4;
    message[16] = 10;
    for (std::uint8_t i = 0; i < 6; ++i) message[28 + i] = kOwn[i];
    message[236] = 0x63, message[237] = 0x82, message[238] = 0x53, message[239] = 0x63;
    std::copy_n(rest.begin() + 1, length, message.begin() + 240);
    client.take(message, now);
    if (client.lease() && (client.lease()->own == 0 || client.lease()->mask == 0)) std::abort();
    now += std::chrono::seconds(rest[0]);
    rest = rest.subspan(1 + length);
  }
  (void)init::read_dhcp({data, size}, 0x01020304, kOwn);
  return 0;
}
