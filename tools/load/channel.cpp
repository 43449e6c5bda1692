// Kernel sockets and wolfSSL, both non-blocking.
#include "tools/load/channel.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace postern::load {

namespace {

socklen_t make_address(const std::string& text, std::uint16_t port, sockaddr_storage& into) {
  std::memset(&into, 0, sizeof into);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&into);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&into);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
  }
  std::cerr << "postern-load: not an address: " << text << '\n';
  std::exit(2);
}

Step socket_step(ssize_t result, std::size_t& count) {
  if (result > 0) {
    count = static_cast<std::size_t>(result);
    return Step::done;
  }
  return result < 0 && (errno == EAGAIN || errno == EINTR) ? Step::again : Step::broken;
}

}  // namespace

WOLFSSL_CTX* make_context(const Options& options) {
  WOLFSSL_METHOD* method = options.tls_version == "1.2"   ? wolfTLSv1_2_client_method()
                           : options.tls_version == "1.3" ? wolfTLSv1_3_client_method()
                                                          : wolfTLS_client_method();
  WOLFSSL_CTX* context = wolfSSL_CTX_new(method);
  // The lab's peers are measured, not trusted: whom we talk to is known from the address.
  wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, nullptr);
  int groups[] = {WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_X25519};
  wolfSSL_CTX_set_groups(context, groups, 2);
  if (options.signature == "rsa") wolfSSL_CTX_set1_sigalgs_list(context, "RSA-PSS+SHA256:RSA+SHA256");
  if (options.signature == "ecdsa") wolfSSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256");
  wolfSSL_CTX_UseSNI(context, WOLFSSL_SNI_HOST_NAME, options.name.data(),
                     static_cast<unsigned short>(options.name.size()));
  if (options.resume) wolfSSL_CTX_UseSessionTicket(context);
  return context;
}

bool Channel::open(const Options& options, const std::string& source) {
  sockaddr_storage address;
  const socklen_t length = make_address(options.server, options.port, address);
  descriptor_ = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return false;
  const int one = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (!source.empty()) {
    setsockopt(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    sockaddr_storage from;
    const socklen_t from_length = make_address(source, 0, from);
    if (bind(descriptor_, reinterpret_cast<sockaddr*>(&from), from_length) != 0) return false;
  }
  return connect(descriptor_, reinterpret_cast<sockaddr*>(&address), length) == 0 || errno == EINPROGRESS;
}

bool Channel::connected() {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

void Channel::start_tls(WOLFSSL_CTX* context, WOLFSSL_SESSION* session) {
  tls_ = wolfSSL_new(context);
  wolfSSL_set_fd(tls_, descriptor_);
  wolfSSL_set_using_nonblock(tls_, 1);
  if (session != nullptr) wolfSSL_set_session(tls_, session);
}

Step Channel::tls_step(int result) {
  const int error = wolfSSL_get_error(tls_, result);
  return error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE ? Step::again : Step::broken;
}

Step Channel::handshake() {
  const int result = wolfSSL_connect(tls_);
  return result == WOLFSSL_SUCCESS ? Step::done : tls_step(result);
}

Step Channel::read(char* into, std::size_t room, std::size_t& got) {
  if (tls_ == nullptr) return socket_step(::recv(descriptor_, into, room, 0), got);
  const int result = wolfSSL_read(tls_, into, static_cast<int>(room));
  if (result <= 0) return tls_step(result);
  got = static_cast<std::size_t>(result);
  return Step::done;
}

Step Channel::write(std::string_view bytes, std::size_t& taken) {
  if (tls_ == nullptr)
    return socket_step(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), taken);
  // wolfSSL wants the same bytes again after `again`: callers keep them in place, and pieces are one record.
  const int result =
      wolfSSL_write(tls_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
  if (result <= 0) return tls_step(result);
  taken = static_cast<std::size_t>(result);
  return Step::done;
}

void Channel::close(bool reset) {
  if (tls_ != nullptr) wolfSSL_free(tls_);
  tls_ = nullptr;
  if (descriptor_ < 0) return;
  if (reset) {
    const linger at_once{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace postern::load
