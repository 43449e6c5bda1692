// One session to another mail server: hands over messages, or asks whether a recipient is known.
//
// Begins with nothing to do, or with a part or a probe, and takes further ones from its carrier while it is
// idle. Whatever happens to the connection, what it holds ends in exactly one report to the carrier.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/shard/carrier.hpp"
#include "firmware/shard/channel.hpp"
#include "firmware/shard/session.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/shard/target.hpp"
#include "firmware/smtp/client.hpp"

namespace postern::shard {

class Outbound final : public Session {
 public:
  Outbound(Shard::State& shard, tcp::ConnectionId id, std::shared_ptr<const Target> target, Carrier& carrier);
  ~Outbound() override;

  void on_event(tcp::EventKind kind) override;
  void run() override;
  void on_spool(const spool::Event& event) override;
  Instant deadline() const override;
  void on_deadline() override;
  void shut_down() override;

  // Gives it work; only where idle() or before the first run.
  void deliver(Part part);
  void probe(const mail::Path& recipient);

  bool idle() const {
    return job_ == Job::none && ready_ && !left_ && !over_ && !used_up() && client_.idle();
  }
  bool ready() const { return ready_; }
  bool used_up() const;
  bool has_job() const { return job_ != Job::none; }
  const Target& target() const { return *target_; }
  tcp::ConnectionId id() const { return channel_.id(); }
  Instant opened() const { return opened_; }
  const wire::IpAddress& local() const { return local_; }

  // For reports.
  tls::SessionFacts tls_facts() const { return channel_.tls_facts(); }
  const smtp::Client& client() const { return client_; }
  bool connected() const { return connected_; }
  bool secured() const { return channel_.secured(); }

 private:
  enum class Job : std::uint8_t { none, message, probe };
  using Stage = Trouble::Stage;

  // dialogue
  bool step();
  bool read_reply();
  bool flush();
  bool handshake();
  bool act(smtp::ClientStepKind step);
  bool become_ready();
  bool session_closed();
  bool start_tls();
  // job
  bool begin_job();
  bool feed_body();
  void finish_job();
  void finish_message();
  void finish_probe();
  // ends
  void fail(Stage stage, std::string_view why, std::string_view status = "4.4.2");
  void fail(const Trouble& trouble);
  void drop();
  void leave();

  Shard::State& shard_;
  std::shared_ptr<const Target> target_;
  Carrier& carrier_;
  Channel channel_;
  smtp::Client client_;
  wire::IpAddress local_;
  Part part_;
  mail::Path probed_;
  std::uint64_t offset_ = 0;  // of what goes out, given to the client so far
  Instant opened_{};
  Instant idle_since_ = kNever;
  Instant blocked_since_ = kNever;
  std::uint32_t messages_ = 0;
  Job job_ = Job::none;
  bool started_ = false;  // the job was given to the client
  bool connected_ = false;
  bool peer_closed_ = false;
  bool ready_ = false;  // greeting, EHLO and TLS are behind us
  bool left_ = false;
  bool over_ = false;
};

}  // namespace postern::shard
