// What is known of a message only when all of it is there; it stands in the commit record.
#pragma once

#include <cstdint>

namespace postern::spool {

struct Marks {
  bool tls_required_no = false;  // the header says "TLS-Required: No" (RFC 8689 §3)
  bool report = false;           // a TLS report (RFC 8460 §5.3)
  // The last so many bytes of what was appended go out first: header fields that could only be made once the
  // whole message was known (a signature). Less than 16 MiB.
  std::uint32_t front = 0;
  bool operator==(const Marks&) const = default;
};

}  // namespace postern::spool
