// Any bytes as a report: read or refused; what was read is written and read again as the same report.
#include <cstdint>
#include <cstdlib>

#include "firmware/control/reporter/report/tls_report.hpp"

using namespace postern::reporter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_report({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const auto again = read_report(write_report(read->report));
  if (!again || again->report.policies.size() != read->report.policies.size()) std::abort();
  const auto third = read_report(write_report(again->report));
  if (!third || !(third->report == again->report)) std::abort();
  return 0;
}
