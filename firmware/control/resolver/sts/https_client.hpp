// A small HTTPS client for policy files: one GET per connection, no redirects, no cookies, nothing kept.
//
// Each fetch ends within its time, whatever the peer does; at most kMostOpen run at once, the others wait.
// One per thread. The certificate is held against the web PKI by firmware/tls. RFC 8461 §3.3, RFC 9110 §15,
// RFC 9112.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "firmware/control/resolver/sts/fetcher.hpp"
#include "firmware/tls/session.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

struct event;
struct event_base;

namespace postern::resolver {

struct HttpsOptions {
  std::string anchors_pem;  // text, not a path
  std::uint16_t port = 443;
  Duration timeout = std::chrono::minutes(1);
  bool allow_private = false;  // addresses that are not public
  bool operator==(const HttpsOptions&) const = default;
};

// The file with the public authorities, in PEM.
Result<std::string, Fault> read_https_anchors(const std::string& path);

class HttpsExchange;

class HttpsClient final : public Fetcher {
 public:
  static constexpr std::size_t kMostOpen = 64;

  static Result<std::unique_ptr<HttpsClient>, Fault> create(event_base* base, HttpsOptions options);
  ~HttpsClient() override;
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  void fetch(FetchRequest request, Done done) override;

 private:
  friend class HttpsExchange;
  struct Waiting {
    FetchRequest request;
    Done done;
  };

  HttpsClient(event_base* base, HttpsOptions options);
  void over(HttpsExchange* exchange, Fetched result);
  void tend();
  static void on_tend(int, short, void* mine);

  event_base* base_;
  HttpsOptions options_;
  tls::Counters counters_;
  std::unique_ptr<tls::Core> tls_;
  event* tend_ = nullptr;
  std::deque<Waiting> waiting_;
  std::unordered_map<HttpsExchange*, std::unique_ptr<HttpsExchange>> open_;
  struct Finished {
    std::unique_ptr<HttpsExchange> exchange;
    Fetched result;
  };
  std::vector<Finished> finished_;
};

}  // namespace postern::resolver
