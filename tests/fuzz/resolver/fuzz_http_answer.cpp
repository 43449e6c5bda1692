// Any bytes as the answer of a policy host, in any pieces: bounded, and the same whatever the pieces.
#include <cstdlib>

#include "firmware/control/resolver/sts/http_response.hpp"
#include "firmware/policy/sts/policy.hpp"

using namespace postern;

namespace {

resolver::HttpResponse read(Bytes bytes, std::size_t step) {
  resolver::HttpResponse response;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    response.feed(bytes.subspan(at, std::min(step, bytes.size() - at)));
  response.end();
  return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const auto whole = read(bytes, std::max<std::size_t>(size, 1));
  const auto pieces = read(bytes, 1 + size % 7);
  using State = resolver::HttpResponse::State;
  if (whole.state() == State::reading || whole.state() != pieces.state()) std::abort();
  if (whole.state() == State::complete && whole.body() != pieces.body()) std::abort();
  if (whole.body().size() > resolver::HttpResponse::kMostBody) std::abort();
  if (whole.state() == State::refused && whole.why().empty()) std::abort();
  if (whole.state() == State::complete) (void)policy::parse_sts_policy(whole.body());
  return 0;
}
