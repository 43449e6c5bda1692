// One POST over HTTPS, waited for. RFC 8460 §5.4, RFC 9110 §9.3.3.
//
// The certificate is not insisted on: a report about a domain whose TLS is broken has to arrive, and it holds
// nothing that is secret from who sits in the way (RFC 8460 §3 allows it). Redirects are not followed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "firmware/control/reporter/report/rua.hpp"
#include "firmware/control/reporter/send/outside.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::reporter {

struct PostLimits {
  Duration whole = std::chrono::seconds(60);
  std::size_t most_received = 256 * 1024;  // certificates and the answer's head
};

// Tries the addresses in order until one takes the connection.
Handed https_post(tls::Core& tls, const Rua& rua, std::span<const wire::IpAddress> addresses,
                  std::string_view packed, const PostLimits& limits = {});

// What the first line of an answer means: 2xx accepted; 408, 429 and 5xx later; the rest refused.
Handed judge_answer(std::string_view head);

}  // namespace postern::reporter
