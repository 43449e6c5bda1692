// One GET over one connection: connect, TLS handshake, request, answer. Only https_client.cpp uses it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/control/resolver/sts/http_response.hpp"
#include "firmware/control/resolver/sts/https_client.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::resolver {

class HttpsExchange final : private tls::CipherSink {
 public:
  HttpsExchange(HttpsClient& client, FetchRequest request, Fetcher::Done done);
  ~HttpsExchange() override;
  HttpsExchange(const HttpsExchange&) = delete;
  HttpsExchange& operator=(const HttpsExchange&) = delete;

  void start();
  Fetcher::Done take_done() { return std::move(done_); }

 private:
  enum class Phase : std::uint8_t { connecting, handshake, request, answer, over };

  std::size_t take(Bytes ciphertext) override;
  void next_address(std::string why);
  bool connect_to(const wire::IpAddress& address);
  void on_ready(short what);
  void connected();
  void work();
  bool receive();
  bool step();
  bool flush();
  void watch();
  void judge_failure();
  void finish(Fetched result);
  void fail(std::string why) { finish({Fetched::Kind::failed, {}, std::move(why)}); }
  static void on_event(int, short what, void* mine);
  static void on_deadline(int, short, void* mine);

  HttpsClient& client_;
  FetchRequest request_;
  Fetcher::Done done_;
  std::size_t next_ = 0;  // address
  Phase phase_ = Phase::connecting;
  process::Descriptor socket_;
  event* event_ = nullptr;
  event* deadline_ = nullptr;
  std::unique_ptr<tls::Session> session_;
  std::vector<std::uint8_t> in_;
  std::vector<std::uint8_t> out_;
  std::size_t received_ = 0;
  std::string text_;  // the request, what is not sent yet
  bool peer_closed_ = false;
  HttpResponse response_;
};

}  // namespace postern::resolver
