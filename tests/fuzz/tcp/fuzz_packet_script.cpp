// The reader of packet scripts: whatever the text, it gives a script or says what is wrong with which line.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/packet_scripts/script.hpp"

using namespace postern::tcp::scripts;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Script script = parse_script(std::string{reinterpret_cast<const char*>(data), size});
    if (script.claim.empty() || script.events.empty()) std::abort();
    for (const Event& event : script.events) {
      if (const auto* const segment = std::get_if<Segment>(&event.what); segment != nullptr) {
        if (print(*segment).empty()) std::abort();
      }
    }
  } catch (const Fault& fault) {
    if (fault.line < 0 || fault.text.empty()) std::abort();
  }
  return 0;
}
