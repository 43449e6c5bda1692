// A shard with a certificate, made by the openssl command when the test runs.
#pragma once

#include "firmware/shard/shard.hpp"
#include "tests/firmware/tls/test_credentials.hpp"

namespace postern::test {

inline shard::Birth birth_with_certificate() {
  shard::Birth birth;
  birth.credentials.push_back(tls::test::authority().issue({"gateway.example"}, tls::test::Key::p256));
  birth.tickets.keys[0].name.fill(1);
  birth.tickets.keys[0].secret.fill(2);
  birth.seed.fill(3);
  return birth;
}

}  // namespace postern::test
