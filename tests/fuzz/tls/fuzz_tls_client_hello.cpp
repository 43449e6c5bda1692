// A peer's first bytes: collected in pieces of any size, then read.
#include <cstdlib>

#include "firmware/tls/client_hello.hpp"

using namespace postern;
using namespace postern::tls;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] + 1u;
  const Bytes stream(data + 1, size - 1);
  (void)parse_client_hello(stream);

  HelloGather gather;
  auto step = HelloGather::Step::more;
  std::size_t taken = 0;
  while (step == HelloGather::Step::more && taken < stream.size()) {
    auto view = stream.subspan(taken, std::min(piece, stream.size() - taken));
    const auto before = view.size();
    step = gather.feed(view);
    taken += before - view.size();
    if (step == HelloGather::Step::more && !view.empty()) std::abort();
  }
  if (step != HelloGather::Step::complete) return 0;
  const auto hello = parse_client_hello(gather.message());
  if (hello && hello->server_name().size() > 255) std::abort();
  // The library must be shown exactly what came.
  const auto records = gather.take_records();
  if (records.size() != taken || !std::equal(records.begin(), records.end(), stream.begin())) std::abort();
  return 0;
}
