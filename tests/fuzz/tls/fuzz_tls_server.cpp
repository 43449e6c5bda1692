// A server session whose peer is honest but for what the input does to its bytes.
#include "tests/fuzz/tls/mangled_conversation.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static postern::tls::fuzz::MangledConversation conversation(true);
  conversation.run({data, size});
  return 0;
}
