// What TLS costs a core: handshakes a second, the longest single call, bulk bytes against the bare cipher,
// and memory per connection. Server side only, in CPU time; run it pinned and more than once.
//
//   bench-tls [SECONDS-PER-ROW]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

#include "firmware/tls/library.hpp"
#include "firmware/tls/wolfssl.hpp"
#include "platform/base/arena.hpp"
#include "tests/firmware/tls/conversation.hpp"

namespace {

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

double budget = 1.0;

// This thread's own time: what else the machine does must not show.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Time spent in one side's calls, and the longest of them.
struct Meter {
  double total = 0;
  std::vector<double> calls;
  template <typename Call>
  auto operator()(Call call) {
    const auto start = cpu_seconds();
    auto result = call();
    const auto took = cpu_seconds() - start;
    total += took;
    calls.push_back(took);
    return result;
  }
  double percentile(double which) {
    std::sort(calls.begin(), calls.end());
    return calls[static_cast<std::size_t>(which * static_cast<double>(calls.size() - 1))] * 1e6;
  }
};

// A client of the bare library that can resume.
class BareClient {
 public:
  explicit BareClient(const char* groups) {
    context_.reset(wolfSSL_CTX_new(wolfTLSv1_3_client_method()));
    wolfSSL_CTX_set_verify(context_.get(), WOLFSSL_VERIFY_NONE, nullptr);
    wolfSSL_CTX_set_cipher_list(context_.get(), "TLS13-AES128-GCM-SHA256");
    wolfSSL_CTX_set1_curves_list(context_.get(), groups);
    wolfSSL_CTX_SetIORecv(context_.get(), [](WOLFSSL*, char* to, int size, void* self) {
      auto& arrived = static_cast<BareClient*>(self)->in;
      if (arrived.bytes.empty()) return static_cast<int>(WOLFSSL_CBIO_ERR_WANT_READ);
      const auto n = std::min(arrived.bytes.size(), static_cast<std::size_t>(size));
      std::copy_n(arrived.bytes.begin(), n, to);
      arrived.bytes.erase(arrived.bytes.begin(), arrived.bytes.begin() + static_cast<std::ptrdiff_t>(n));
      return static_cast<int>(n);
    });
    wolfSSL_CTX_SetIOSend(context_.get(), [](WOLFSSL*, char* bytes, int size, void* self) {
      const Bytes all(reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size));
      return static_cast<int>(static_cast<BareClient*>(self)->out.take(all));
    });
  }
  ~BareClient() {
    if (session_) wolfSSL_SESSION_free(session_);
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  void begin(const char* name, bool resume) {
    ssl_.reset(wolfSSL_new(context_.get()));
    wolfSSL_SetIOReadCtx(ssl_.get(), this);
    wolfSSL_SetIOWriteCtx(ssl_.get(), this);
    wolfSSL_UseSNI(ssl_.get(), WOLFSSL_SNI_HOST_NAME, name, static_cast<unsigned short>(std::strlen(name)));
    if (resume && session_) wolfSSL_set_session(ssl_.get(), session_);
    in = {};
    out = {};
  }
  bool step() { return wolfSSL_connect(ssl_.get()) == WOLFSSL_SUCCESS; }
  // Takes the ticket that came behind the handshake.
  void keep_ticket() {
    char byte;
    wolfSSL_read(ssl_.get(), &byte, 1);
    if (session_) wolfSSL_SESSION_free(session_);
    session_ = wolfSSL_get1_session(ssl_.get());
  }
  Queue in;
  Queue out;

 private:
  Context context_;
  Ssl ssl_;
  WOLFSSL_SESSION* session_ = nullptr;
};

// One handshake; only the server's part is metered. Gives the session for inspection.
std::unique_ptr<Session> handshake(Core& core, BareClient& client, const char* name, bool resume,
                                   Meter& meter) {
  client.begin(name, resume);
  auto server = meter([&] { return core.accept(); });
  bool client_done = false;
  auto status = Status::want_input;
  for (int round = 0; round < 50 && !(client_done && status == Status::ok); ++round) {
    client_done = client.step();
    do {
      status = client.out.offer(
          ~0u, [&](Bytes& in) { return meter([&] { return server->handshake(in, client.in); }); });
    } while (status == Status::again);
  }
  return server;
}

void row(const char* name, Core& core, const char* host, const char* groups, bool resume) {
  BareClient client(groups);
  Meter warm_up;
  auto first = handshake(core, client, host, false, warm_up);
  client.keep_ticket();
  Meter meter;
  int count = 0;
  int resumed = 0;
  while (meter.total < budget) {
    auto server = handshake(core, client, host, resume, meter);
    resumed += server->facts().resumed;
    if (resume) client.keep_ticket();
    meter([&] {
      server.reset();
      return 0;
    });
    ++count;
  }
  std::printf("%-36s %9.0f /s   calls: median %6.1f us, 99.9%% %6.1f us, longest %6.1f us   resumed %d%%\n",
              name, count / meter.total, meter.percentile(0.5), meter.percentile(0.999),
              meter.percentile(1.0), 100 * resumed / count);
}

void bulk(Core& core, Core& client_core) {
  Conversation talk;
  talk.client = client_core.connect({});
  talk.server = core.accept();
  talk.handshake();
  const auto text = pattern_text(16384);
  std::vector<std::uint8_t> plain(16384);
  Meter write;
  Meter read;
  double bytes = 0;
  while (write.total + read.total < 2 * budget) {
    std::size_t taken = 0;
    Bytes none;
    write([&] { return talk.server->write(none, talk.to_client, as_bytes(text), taken); });
    Bytes view(talk.to_client.bytes);
    std::size_t got = 0;
    read([&] { return talk.client->read(view, talk.to_server, plain, got); });
    talk.to_client.bytes.clear();
    bytes += static_cast<double>(taken);
  }
  std::printf("%-36s %9.2f GB/s\n%-36s %9.2f GB/s   (%s)\n", "session write, 16 KB records",
              bytes / write.total / 1e9, "session read, 16 KB records", bytes / read.total / 1e9,
              std::string(talk.server->facts().cipher).c_str());
}

void bare_cipher() {
  Aes aes;
  wc_AesInit(&aes, nullptr, INVALID_DEVID);
  std::uint8_t key[16] = {1};
  std::uint8_t iv[12] = {2};
  std::uint8_t tag[16];
  wc_AesGcmSetKey(&aes, key, sizeof key);
  std::vector<std::uint8_t> in(16384, 'x');
  std::vector<std::uint8_t> out(16384);
  Meter meter;
  double bytes = 0;
  while (meter.total < budget) {
    meter([&] { return wc_AesGcmEncrypt(&aes, out.data(), in.data(), 16384, iv, 12, tag, 16, key, 5); });
    bytes += 16384;
  }
  std::printf("%-36s %9.2f GB/s\n", "bare AES-128-GCM, 16 KB", bytes / meter.total / 1e9);
  wc_AesFree(&aes);
}

void memory(Core& core, const char* host) {
  constexpr int kMany = 500;
  const auto before = core.arena_used();
  std::vector<std::unique_ptr<Session>> fresh;
  for (int i = 0; i < kMany; ++i) fresh.push_back(core.accept());
  const auto accepted = core.arena_used();
  fresh.clear();
  BareClient client("P-256");
  Meter meter;
  const auto base = core.arena_used();
  std::vector<std::unique_ptr<Session>> open;
  for (int i = 0; i < kMany; ++i) open.push_back(handshake(core, client, host, false, meter));
  const auto established = core.arena_used();
  std::printf("%-36s %9zu bytes before the first byte, %zu established\n", "arena per session",
              (accepted - before) / kMany, (established - base) / kMany);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) budget = std::atof(argv[1]);
  Counters counters;
  const std::vector<Credential> credentials{authority().issue({"ecdsa.test"}, Key::p256),
                                            authority().issue({"rsa.test"}, Key::rsa)};
  const auto core = make_core(credentials, counters);
  const auto client_core = make_core({}, counters, {}, 1, 2);
  if (!core || !client_core) return 1;
  core->enter_thread();
  row("TLS 1.3 full, ECDSA P-256, P-256", *core, "ecdsa.test", "P-256", false);
  row("TLS 1.3 full, ECDSA P-256, X25519", *core, "ecdsa.test", "X25519", false);
  row("TLS 1.3 full, RSA-2048, P-256", *core, "rsa.test", "P-256", false);
  row("TLS 1.3 from a ticket, P-256", *core, "ecdsa.test", "P-256", true);
  bulk(*core, *client_core);
  bare_cipher();
  memory(*core, "ecdsa.test");
  Arena::enter_thread(nullptr);
  return 0;
}
