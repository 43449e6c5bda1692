// Addresses that a public policy host cannot have: a name that leads there would make us knock at doors
// inside the network. RFC 6890, RFC 4291 §2.5, RFC 6052 §2.1, RFC 3056 §2.
#pragma once

#include "firmware/wire/address.hpp"

namespace postern::resolver {

bool is_forbidden(const wire::IpAddress& address);

}  // namespace postern::resolver
