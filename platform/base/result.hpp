// A value or the reason there is none. Engines and the data plane do not throw.
//
// `Error::reason` is text with static lifetime, fit for a log line: it says what is wrong, in lower case,
// without a full stop. Where a reason has to be put together at run time (start-up, settings, files),
// `Fault` owns its text.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace postern {

struct Error {
  std::string_view reason;
};

struct Fault {
  std::string reason;
};

template <typename T, typename E = Error>
using Result = tl::expected<T, E>;

inline tl::unexpected<Error> fail(std::string_view reason) { return tl::unexpected(Error{reason}); }
inline tl::unexpected<Fault> fault(std::string reason) { return tl::unexpected(Fault{std::move(reason)}); }

}  // namespace postern
