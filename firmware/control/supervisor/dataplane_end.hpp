// Control's end of the line to the data plane: what it says, its counters and its outcomes.
//
// Nothing the data plane sends is believed without a look: sizes, kinds, the offsets in the counters page and
// the positions in the rings.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/supervisor/resolver_keeper.hpp"
#include "firmware/ipc/command.hpp"
#include "firmware/ipc/counter_page.hpp"
#include "firmware/ipc/credentials.hpp"
#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/outcome_ring.hpp"
#include "firmware/ipc/publish.hpp"
#include "firmware/ipc/queue.hpp"
#include "firmware/ipc/report.hpp"
#include "firmware/ipc/reporting.hpp"
#include "firmware/ipc/settings_check.hpp"
#include "firmware/ipc/tickets.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::control {

// Settings and secrets as they are handed over, with the digest that names the pair.
struct Publication {
  std::uint64_t generation = 0;
  ipc::SettingValues values;
  ipc::Credentials credentials;
  ipc::Digest digest{};
};

// The digest of what matters: two publications with the same one need not be told apart.
ipc::Digest digest_of(const ipc::SettingValues& values, const ipc::Credentials& credentials);

struct DataplaneEvents {
  std::function<void(const ipc::Hello&)> on_hello;
  std::function<void(const ipc::Report&)> on_report;
  std::function<void(const ipc::Refuse&)> on_refuse;
  std::function<void(const ipc::LogLine&)> on_log;
  std::function<void(const ipc::Injected&)> on_injected;
  std::function<void(const ipc::QueueAnswer&)> on_queue_answer;
  std::function<void(const ipc::ReportMail&, Bytes message)> on_report_mail;
  std::function<void(std::string_view why)> on_gone;
};

class DataplaneEnd {
 public:
  // False where nobody listens.
  bool connect(const std::string& path);
  // The shared memory stays until the next hello: what the rings still hold is taken out.
  void close();
  bool connected() const { return static_cast<bool>(socket_); }
  bool greeted() const { return hello_.has_value(); }
  int descriptor() const { return socket_.get(); }
  pid_t pid() const { return pid_; }
  const std::optional<ipc::Hello>& hello() const { return hello_; }

  void receive(const DataplaneEvents& events);
  Result<void, Fault> publish(const Publication& publication);
  bool send(const ipc::Tickets& tickets);
  // Where its cores ask the resolver from now on.
  bool give(const PolicyMemory& memory);
  bool send(ipc::Verb verb);
  // A mail for the queue.
  bool ask_queue(const ipc::QueueAsk& ask);
  bool inject(const ipc::Inject& inject, Bytes message);
  bool send(const ipc::ReportKept& kept);

  std::vector<ipc::CounterRoom> counters() const;
  // Takes what waits in the rings, at most `most`.
  void drain(std::vector<ipc::Outcome>& outcomes, std::size_t most);

 private:
  bool take(const ipc::MessageView& message, process::Packet& packet, const DataplaneEvents& events);
  bool take_report_mail(Bytes body, process::Packet& packet, const DataplaneEvents& events);
  bool take_hello(Bytes body, process::Packet& packet, const DataplaneEvents& events);

  process::Descriptor socket_;
  process::Mapping page_;
  process::Mapping rings_;
  std::optional<ipc::Hello> hello_;
  pid_t pid_ = 0;
};

}  // namespace postern::control
