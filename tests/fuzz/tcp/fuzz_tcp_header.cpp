// The TCP header view and option parser on raw bytes, and what they read written again.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "firmware/wire/tcp.hpp"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto view = wire::TcpView::parse(Bytes{data, size});
  if (!view) return 0;
  if (view->header_bytes() + view->payload().size() != size) std::abort();
  const wire::TcpOptions options = wire::parse_tcp_options(view->options());
  std::array<std::uint8_t, wire::kTcpHeaderMost> room;
  const std::size_t length = wire::write_tcp_header(room.data(), {}, options);
  if (length > room.size() || length != wire::tcp_header_bytes(options)) std::abort();
  const auto again = wire::TcpView::parse(Bytes{room.data(), length});
  if (!again) std::abort();
  const wire::TcpOptions read = wire::parse_tcp_options(again->options());
  if (read.has_timestamps != options.has_timestamps || read.timestamp != options.timestamp) std::abort();
  if (read.has_mss != options.has_mss || read.mss != options.mss) std::abort();
  if (read.sack_count > options.sack_count) std::abort();
  return 0;
}
