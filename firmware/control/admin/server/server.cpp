// Listens and keeps the connections within their limits: see the header.
#include "firmware/control/admin/server/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include "platform/clock/clock.hpp"

namespace postern::admin {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kTendEvery(10);
// After a failed accept (no descriptors) it is not tried again at once.
constexpr std::chrono::milliseconds kAcceptPause(100);

std::string source_of(const tcp::socket& socket) {
  boost::system::error_code failed;
  auto address = socket.remote_endpoint(failed).address();
  if (failed) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.to_string();
}

tcp protocol_of(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  return own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

}  // namespace

Server::Server(asio::io_context& context, process::Descriptor listener, tls::Core& tls, Handle handle,
               ServerLimits limits)
    : context_(context),
      acceptor_(context, protocol_of(listener.get()), listener.get()),
      tending_(context),
      tls_(tls),
      handle_(std::move(handle)),
      limits_(limits),
      pool_(std::make_unique<Pool>(limits.threads)) {
  listener.release();
}

Server::~Server() {
  pool_.reset();
}

void Server::start() {
  tend();
  accept();
}

void Server::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  tending_.cancel(ignored);
  for (auto* connection : std::set<Connection*>(connections_)) connection->close();
}

void Server::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (stopped_) return;
    if (error) {
      auto pause = std::make_shared<asio::steady_timer>(context_, kAcceptPause);
      pause->async_wait([this, pause](const boost::system::error_code&) {
        if (!stopped_) accept();
      });
      return;
    }
    admit(std::move(socket));
    accept();
  });
}

// Over a limit, the connection ends before it costs a handshake.
void Server::admit(tcp::socket socket) {
  auto source = source_of(socket);
  if (source.empty() || connections_.size() >= limits_.connections ||
      by_source_[source] >= limits_.per_source)
    return;
  auto session = tls_.accept();
  if (!session) return;
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto connection = std::make_shared<Connection>(std::move(socket), std::move(session), source,
                                                 limits_.patience, static_cast<ConnectionOwner&>(*this));
  connections_.insert(connection.get());
  ++by_source_[source];
  connection->start();
}

void Server::over(Connection& connection) {
  connections_.erase(&connection);
  streams_.erase(&connection);
  const auto at = by_source_.find(connection.source());
  if (at != by_source_.end() && --at->second == 0) by_source_.erase(at);
}

bool Server::take(const std::shared_ptr<Connection>& from, Request request) {
  return pool_->post([this, from, request = std::move(request)]() mutable {
    auto response = std::make_shared<Response>(handle_(request));
    asio::post(context_, [from = std::move(from), response] { from->answer(std::move(*response)); });
  });
}

void Server::streams(const std::shared_ptr<Connection>& connection) {
  if (streams_.size() >= limits_.streams) return connection->close();
  streams_[connection.get()] = connection;
  connection->tell("hello", "{}");
}

void Server::publish(const std::string& kind, const std::string& text) {
  asio::post(context_, [this, kind, text] {
    const auto all = streams_;
    for (const auto& [raw, weak] : all) {
      if (const auto connection = weak.lock()) connection->tell(kind, text);
    }
  });
}

// Tells TLS the time, says to streams that they live, and ends those whose person logged out.
void Server::tend() {
  tls_.set_time(clock::kernel_wall());
  const auto all = streams_;
  for (const auto& [raw, weak] : all) {
    const auto connection = weak.lock();
    if (!connection) continue;
    connection->tell("", "");
    pool_->post([this, connection] {
      if (connection->allowed()) return;
      asio::post(context_, [connection] { connection->close(); });
    });
  }
  tending_.expires_after(kTendEvery);
  tending_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) tend();
  });
}

}  // namespace postern::admin
