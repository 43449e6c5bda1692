// A socket with or without TLS on it: bytes in, bytes out, nothing blocks.
#pragma once

#include <string>
#include <string_view>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tools/load/options.hpp"

namespace postern::load {

enum class Step : unsigned char { done, again, broken };

// One TLS client context for the whole run, with the limits the options ask for.
WOLFSSL_CTX* make_context(const Options& options);

class Channel {
 public:
  Channel() = default;
  ~Channel() { close(false); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Starts a connect; false where the system refuses at once.
  bool open(const Options& options, const std::string& source);
  bool connected();  // after the first writable event
  void start_tls(WOLFSSL_CTX* context, WOLFSSL_SESSION* session);
  Step handshake();
  Step read(char* into, std::size_t room, std::size_t& got);
  Step write(std::string_view bytes, std::size_t& taken);
  // `reset`: the peer gets a RST instead of a FIN.
  void close(bool reset);

  int descriptor() const { return descriptor_; }
  WOLFSSL* tls() const { return tls_; }

 private:
  Step tls_step(int result);

  int descriptor_ = -1;
  WOLFSSL* tls_ = nullptr;
};

}  // namespace postern::load
