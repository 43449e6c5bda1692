// `postern password`: a password on standard input becomes the hash that submission.users wants.
#include <cstdio>
#include <string>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/passphrase.hpp"
#include "platform/password/password.hpp"

namespace postern::control::cli {

int password_command(const Invocation&) {
  const auto line = read_quietly("password: ");
  if (line.empty()) return complain("there is no password on standard input", kUsage);
  const auto hash = password::hash(line);
  if (!hash) return complain(std::string(hash.error().reason), kFailed);
  std::printf("%s\n", hash->c_str());
  return kDone;
}

}  // namespace postern::control::cli
