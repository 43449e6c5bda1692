#include "platform/password/password.hpp"

#include <sodium.h>

#include <array>

namespace postern::password {

Result<std::string> hash(std::string_view password) {
  if (sodium_init() < 0) return fail("the crypto library does not start");
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail("no memory to hash a password");
  }
  return std::string(out.data());
}

bool matches(std::string_view hash, std::string_view password) {
  const std::string whole(hash);  // the library wants it terminated
  return sodium_init() >= 0 && whole.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(whole.c_str(), password.data(), password.size()) == 0;
}

}  // namespace postern::password
