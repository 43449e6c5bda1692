// Whether a message is a report about TLS: any bytes end, and more bytes behind never take the answer back.
#include <cstdlib>
#include <string>

#include "firmware/mail/tls_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool whole = postern::mail::is_tls_report(text);
  if (whole && !postern::mail::is_tls_report(text + "\r\nmore\r\n")) {
    // The last header field may go on where it was cut; a complete section may not change.
    if (text.find("\r\n\r\n") != std::string::npos) std::abort();
  }
  return 0;
}
