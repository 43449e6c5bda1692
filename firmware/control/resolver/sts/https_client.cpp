// A small HTTPS client: see the header.
#include "firmware/control/resolver/sts/https_client.hpp"

#include <event2/event.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "firmware/control/resolver/sts/forbidden_address.hpp"
#include "firmware/control/resolver/sts/https_exchange.hpp"
#include "platform/clock/clock.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::resolver {

namespace {

constexpr std::size_t kArenaBytes = 16u << 20;
constexpr std::size_t kMostWaiting = 4096;

}  // namespace

Result<std::string, Fault> read_https_anchors(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) return fault("cannot read the public authorities in " + path);
  return text.str();
}

HttpsClient::HttpsClient(event_base* base, HttpsOptions options)
    : base_(base), options_(std::move(options)) {}

Result<std::unique_ptr<HttpsClient>, Fault> HttpsClient::create(event_base* base, HttpsOptions options) {
  std::unique_ptr<HttpsClient> made(new HttpsClient(base, std::move(options)));
  const auto seed = rng::system_seed();
  if (!seed) return tl::unexpected(seed.error());
  tls::Settings settings;
  settings.arena_bytes = kArenaBytes;
  settings.trust_anchors_pem = made->options_.anchors_pem;
  auto core = tls::Core::create(settings, {}, {}, *seed, made->counters_);
  if (!core) return tl::unexpected(core.error());
  made->tls_ = std::move(*core);
  made->tend_ = ::event_new(base, -1, 0, on_tend, made.get());
  if (made->tend_ == nullptr) return fault("cannot make an HTTPS client");
  return made;
}

HttpsClient::~HttpsClient() {
  open_.clear();
  finished_.clear();
  if (tend_ != nullptr) ::event_free(tend_);
}

void HttpsClient::fetch(FetchRequest request, Done done) {
  if (!options_.allow_private) std::erase_if(request.addresses, is_forbidden);
  // A request without a place to go is told so like any other, a turn later.
  if (waiting_.size() >= kMostWaiting) request.addresses.clear();
  waiting_.push_back({std::move(request), std::move(done)});
  ::event_active(tend_, EV_TIMEOUT, 0);
}

void HttpsClient::over(HttpsExchange* exchange, Fetched result) {
  auto node = open_.extract(exchange);
  if (node.empty()) return;
  finished_.push_back({std::move(node.mapped()), std::move(result)});
  ::event_active(tend_, EV_TIMEOUT, 0);
}

void HttpsClient::on_tend(int, short, void* mine) {
  static_cast<HttpsClient*>(mine)->tend();
}

void HttpsClient::tend() {
  auto finished = std::move(finished_);
  finished_.clear();
  for (auto& one : finished) one.exchange->take_done()(std::move(one.result));
  finished.clear();
  while (!waiting_.empty() && open_.size() < kMostOpen) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.request.addresses.empty()) {
      next.done({Fetched::Kind::failed, {}, "the policy host has no address that may be asked"});
      continue;
    }
    auto exchange = std::make_unique<HttpsExchange>(*this, std::move(next.request), std::move(next.done));
    auto* const started = exchange.get();
    open_.emplace(started, std::move(exchange));
    tls_->set_time(clock::kernel_wall());
    started->start();
  }
}

}  // namespace postern::resolver
