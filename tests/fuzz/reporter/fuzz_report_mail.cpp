// Any bytes as what came to a report mailbox: mail, gzip or JSON.
#include <cstdint>

#include "firmware/control/reporter/report/mail_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)postern::reporter::read_received({reinterpret_cast<const char*>(data), size});
  return 0;
}
