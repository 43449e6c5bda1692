// Bytes from a browser or somebody else: taken apart in pieces, found in the table of operations, held
// against its schema. Nothing may crash, and the same bytes in other pieces have to come to the same.
#include <cstdint>

#include "firmware/control/admin/api/document.hpp"
#include "firmware/control/admin/http/request.hpp"

using namespace postern::admin;

namespace {

std::string what_comes(std::string_view bytes, std::size_t piece) {
  static const Document document;
  RequestReader reader({2048, 8192});
  std::string told;
  while (!bytes.empty() && reader.state() == RequestReader::State::more) {
    const auto now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    reader.feed(now);
    reader.take_expectation();
    for (int i = 0; i < 8 && reader.state() == RequestReader::State::complete; ++i) {
      const auto request = reader.take();
      told += request.method + " " + request.path + "\n" + request.cookie("__Host-postern");
      const auto match = document.find(request.method, request.path);
      if (match.operation == nullptr) continue;
      try {
        document.parameters(match, request.query);
        document.body(*match.operation, request.header("content-type"), request.body);
        told += "fits";
      } catch (const Problem& problem) {
        told += problem.detail + json_of(problem.faults).dump(-1, ' ', false, Json::error_handler_t::replace);
      }
    }
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  what_comes(bytes, 1 + size);
  if (size < 2048 && what_comes(bytes, 7) != what_comes(bytes, 11)) __builtin_trap();
  return 0;
}
