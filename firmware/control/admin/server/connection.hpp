// One browser's or program's connection: TLS, requests one after the other, answers, or a stream of events.
//
// Everything here runs on the network thread. What a peer may cost is bounded: the time for a handshake, for
// a whole request and between two of them, the time in which it has to take something of an answer, the bytes
// of a request, and the bytes that wait for it.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/control/admin/http/request.hpp"
#include "firmware/control/admin/http/response.hpp"
#include "firmware/tls/session.hpp"

namespace postern::admin {

class Connection;

// What a connection asks of the server.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // Answers on the network thread by Connection::answer(); false: too busy.
  virtual bool take(const std::shared_ptr<Connection>& from, Request request) = 0;
  virtual void streams(const std::shared_ptr<Connection>& connection) = 0;
  virtual void over(Connection& connection) = 0;
};

struct Patience {
  std::chrono::seconds handshake{15};
  std::chrono::seconds request{20};  // from its first byte to its last
  std::chrono::seconds idle{60};
  std::chrono::seconds stalled{30};  // nothing of an answer taken
};

class Connection final : public std::enable_shared_from_this<Connection>, private tls::CipherSink {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::unique_ptr<tls::Session> session, std::string source,
             const Patience& patience, ConnectionOwner& owner);
  ~Connection() override;

  void start();
  void answer(Response response);
  // To a stream only. A peer that does not keep up is cut off.
  void tell(const std::string& kind, const std::string& text);
  bool allowed() const { return !alive_ || alive_(); }
  void close();
  const std::string& source() const { return source_; }

 private:
  enum class Phase : std::uint8_t { handshake, reading, working, streaming, closing, closed };

  std::size_t take(Bytes ciphertext) override;
  void read_more();
  void on_read(std::size_t got);
  void work();
  bool step();
  bool shake_hands();
  bool read_plain();
  void refuse(int status);
  void send_plain();
  void flush();
  void linger();
  void on_written(std::size_t sent);
  void allow(std::chrono::seconds time);
  bool wants(const std::string& kind) const;

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<tls::Session> session_;
  std::string source_;
  const Patience& patience_;
  ConnectionOwner& owner_;
  RequestReader reader_;
  Phase phase_ = Phase::handshake;
  std::array<std::uint8_t, 16384> buffer_{};
  std::vector<std::uint8_t> in_;
  std::vector<std::uint8_t> out_;      // on its way
  std::vector<std::uint8_t> waiting_;  // behind it
  std::string plain_;                  // to be encrypted
  bool reading_ = false;
  bool writing_ = false;
  bool head_only_ = false;
  bool close_after_ = false;
  std::string only_;
  std::function<bool()> alive_;
  bool timing_request_ = false;
  bool said_goodbye_ = false;
  bool lingering_ = false;
};

}  // namespace postern::admin
