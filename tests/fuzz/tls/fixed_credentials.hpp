// A certificate that is the same in every run, made from fixed random numbers.
#pragma once

#include <array>
#include <cstring>
#include <string>

#include "firmware/tls/library.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/tls/wolfssl.hpp"

namespace postern::tls::fuzz {

inline std::string pem(const std::uint8_t* der, int size, int type) {
  std::array<std::uint8_t, 4096> text{};
  const int length = wc_DerToPem(der, static_cast<word32>(size), text.data(), text.size(), type);
  return {text.begin(), text.begin() + std::max(length, 0)};
}

inline Credential fixed_credential(const WallTime& wall) {
  if (!start_library()) std::abort();
  rng::CoreRandom random({7});
  const CoreScope scope(random, wall);
  WC_RNG rng;
  ecc_key key;
  wc_InitRng(&rng);
  wc_ecc_init(&key);
  wc_ecc_make_key(&rng, 32, &key);
  Cert certificate;
  wc_InitCert(&certificate);
  std::strcpy(certificate.subject.commonName, "fuzz.test");
  certificate.sigType = CTC_SHA256wECDSA;
  certificate.isCA = 1;  // it is also the client's trust anchor
  std::array<std::uint8_t, 2048> der{};
  wc_MakeCert(&certificate, der.data(), der.size(), nullptr, &key, &rng);
  const int size =
      wc_SignCert(certificate.bodySz, certificate.sigType, der.data(), der.size(), nullptr, &key, &rng);
  std::array<std::uint8_t, 512> der_key{};
  const int key_size = wc_EccKeyToDer(&key, der_key.data(), der_key.size());
  Credential credential{
      {}, pem(der.data(), size, CERT_TYPE), pem(der_key.data(), key_size, ECC_PRIVATEKEY_TYPE)};
  wc_ecc_free(&key);
  wc_FreeRng(&rng);
  return credential;
}

}  // namespace postern::tls::fuzz
