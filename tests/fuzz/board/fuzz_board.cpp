// Board files: any text ends in a board or in faults of one line each.
#include <cstdint>
#include <cstdlib>

#include "platform/base/bytes.hpp"
#include "platform/board/board.hpp"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  const auto parent = [&](std::string_view name) -> Result<std::string, Fault> {
    // The text may extend itself; that has to end.
    if (name == "self") return std::string(text);
    return fault("board does not exist");
  };
  const auto board = board::parse(text, "fuzz", parent);
  if (board) {
    for (const auto& port : board->ports) {
      if (port.device_name().empty() || board::queue_count(*board, port) == 0) std::abort();
      static_cast<void>(port.device_argument("iface"));
    }
    if (board->cores.data.empty() || board->ports.empty()) std::abort();
  } else {
    if (board.error().empty()) std::abort();
    for (const auto& fault : board.error()) {
      if (fault.reason.empty() || fault.reason.find('\n') != std::string::npos) std::abort();
    }
  }
  return 0;
}
