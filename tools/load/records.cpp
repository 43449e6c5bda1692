// postern-records: how fast the TLS library seals and opens 16 KB records in memory, one line of JSON.
//
// Two sessions in one process, TLS 1.3, bytes passed through a string; only the work of the measured side is
// timed.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <array>
#include <cstring>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Pipe {
  std::string bytes;
  std::size_t at = 0;
};
struct Ends {
  Pipe* in;
  Pipe* out;
};

int receive(WOLFSSL*, char* into, int room, void* context) {
  Pipe& pipe = *static_cast<Ends*>(context)->in;
  const std::size_t count = std::min(static_cast<std::size_t>(room), pipe.bytes.size() - pipe.at);
  if (count == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
  std::memcpy(into, pipe.bytes.data() + pipe.at, count);
  pipe.at += count;
  if (pipe.at == pipe.bytes.size()) pipe.bytes.clear(), pipe.at = 0;
  return static_cast<int>(count);
}

int send(WOLFSSL*, char* from, int count, void* context) {
  static_cast<Ends*>(context)->out->bytes.append(from, static_cast<std::size_t>(count));
  return count;
}

// A key and a certificate signed by itself, made here: nothing secret hangs on them.
void self_signed(WOLFSSL_CTX* server) {
  WC_RNG random;
  wc_InitRng(&random);
  ecc_key key;
  wc_ecc_init(&key);
  wc_ecc_make_key(&random, 32, &key);
  std::array<unsigned char, 512> der_key;
  const int key_size = wc_EccKeyToDer(&key, der_key.data(), der_key.size());
  Cert certificate;
  wc_InitCert(&certificate);
  std::strncpy(certificate.subject.commonName, "records", CTC_NAME_SIZE - 1);
  certificate.sigType = CTC_SHA256wECDSA;
  std::array<unsigned char, 2048> der;
  const int size = wc_MakeSelfCert(&certificate, der.data(), der.size(), nullptr, &random);
  const int body =
      size > 0 ? size : wc_MakeCert(&certificate, der.data(), der.size(), nullptr, &key, &random);
  const int whole = body > 0 ? wc_SignCert(certificate.bodySz, certificate.sigType, der.data(), der.size(),
                                           nullptr, &key, &random)
                             : body;
  wolfSSL_CTX_use_certificate_buffer(server, der.data(), whole, WOLFSSL_FILETYPE_ASN1);
  wolfSSL_CTX_use_PrivateKey_buffer(server, der_key.data(), key_size, WOLFSSL_FILETYPE_ASN1);
  wc_ecc_free(&key);
  wc_FreeRng(&random);
}

double cpu_seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

WOLFSSL* make_end(WOLFSSL_CTX* context, Ends& ends) {
  wolfSSL_CTX_SetIORecv(context, receive);
  wolfSSL_CTX_SetIOSend(context, send);
  WOLFSSL* end = wolfSSL_new(context);
  wolfSSL_SetIOReadCtx(end, &ends);
  wolfSSL_SetIOWriteCtx(end, &ends);
  return end;
}

}  // namespace

int main() {
  wolfSSL_Init();
  WOLFSSL_CTX* server_context = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
  WOLFSSL_CTX* client_context = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
  wolfSSL_CTX_set_verify(client_context, WOLFSSL_VERIFY_NONE, nullptr);
  wolfSSL_CTX_set_cipher_list(client_context, "TLS13-AES128-GCM-SHA256");
  self_signed(server_context);
  Pipe up, down;
  Ends client_ends{&down, &up}, server_ends{&up, &down};
  WOLFSSL* client = make_end(client_context, client_ends);
  WOLFSSL* server = make_end(server_context, server_ends);
  bool ready = false;
  for (int round = 0; round < 20 && !ready; ++round) {
    const int one = wolfSSL_connect(client);
    const int other = wolfSSL_accept(server);
    ready = one == WOLFSSL_SUCCESS && other == WOLFSSL_SUCCESS;
  }
  if (!ready) {
    std::cerr << "postern-records: the handshake in memory failed\n";
    return 1;
  }
  constexpr int kRecord = 16384, kRecords = 64, kRounds = 400;
  const std::vector<char> plain(kRecord, 'm');
  std::vector<char> opened(kRecord);
  double sealing = 0, opening = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    for (int i = 0; i < kRecords; ++i) wolfSSL_write(client, plain.data(), kRecord);
    const double middle = cpu_seconds();
    for (int i = 0; i < kRecords; ++i) {
      if (wolfSSL_read(server, opened.data(), kRecord) != kRecord) return 1;
    }
    sealing += middle - start;
    opening += cpu_seconds() - middle;
  }
  const double megabytes = double{kRecord} * kRecords * kRounds / 1e6;
  std::cout << "{\"seal_mb\": " << megabytes / sealing << ", \"open_mb\": " << megabytes / opening << "}\n";
  return 0;
}
