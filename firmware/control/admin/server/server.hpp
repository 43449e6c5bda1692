// Listens, keeps the connections within their limits, hands requests to the threads that may block, and tells
// events to who listens.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <map>
#include <set>

#include "firmware/control/admin/server/connection.hpp"
#include "firmware/control/admin/server/pool.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::admin {

struct ServerLimits {
  std::size_t connections = 512;
  std::size_t per_source = 64;
  std::size_t streams = 128;
  std::size_t threads = 4;
  Patience patience;
};

class Server final : private ConnectionOwner {
 public:
  using Handle = std::function<Response(const Request&)>;

  Server(boost::asio::io_context& context, process::Descriptor listener, tls::Core& tls, Handle handle,
         ServerLimits limits = {});
  ~Server() override;

  void start();
  // From any thread.
  void publish(const std::string& kind, const std::string& text);
  void stop();
  std::size_t connections() const { return connections_.size(); }

 private:
  bool take(const std::shared_ptr<Connection>& from, Request request) override;
  void streams(const std::shared_ptr<Connection>& connection) override;
  void over(Connection& connection) override;
  void accept();
  void admit(boost::asio::ip::tcp::socket socket);
  void tend();

  boost::asio::io_context& context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer tending_;
  tls::Core& tls_;
  Handle handle_;
  ServerLimits limits_;
  std::set<Connection*> connections_;
  std::map<std::string, std::size_t> by_source_;
  std::map<Connection*, std::weak_ptr<Connection>> streams_;
  std::unique_ptr<Pool> pool_;
  bool stopped_ = false;
};

}  // namespace postern::admin
