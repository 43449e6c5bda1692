// The data plane as a process: its devices, its spool writer, its packet cores, and the housekeeping between
// them.
//
// Started once from a board and a first set of settings; afterwards only housekeeping happens on the calling
// thread. Nothing here touches a packet or a message.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "drivers/nic/dpdk_device.hpp"
#include "drivers/nic/exception_tap.hpp"
#include "firmware/dataplane/control_link/control_link.hpp"
#include "firmware/dataplane/control_link/settings_map.hpp"
#include "firmware/dataplane/injection_desk.hpp"
#include "firmware/dataplane/login_checker/login_checker.hpp"
#include "firmware/dataplane/mail_signer/mail_signer.hpp"
#include "firmware/dataplane/outcome_teller.hpp"
#include "firmware/dataplane/packet_core.hpp"
#include "firmware/dataplane/queue_clerk.hpp"
#include "firmware/dataplane/report_post.hpp"
#include "platform/board/board.hpp"
#include "platform/eal/eal.hpp"

namespace postern::dataplane {

class Process {
 public:
  Process(const board::Board& board, ControlLink& link);
  ~Process();

  // Ports, spool, cores, in this order. Faults are complete lines for people.
  Result<void, Fault> start(FirstSet&& first);
  // Housekeeping until `stop` turns true or control says shut_down; then the orderly end.
  void serve(const std::atomic<bool>& stop);

 private:
  struct CoreSlot;

  Result<DataplaneSettings, Fault> map(const ipc::SettingsView& view,
                                       const ipc::Credentials& credentials) const;
  Result<void, Fault> open_ports();
  Result<void, Fault> open_taps();
  Result<void, Fault> start_spool(const DataplaneSettings& settings);
  Result<void, Fault> start_cores(const DataplaneSettings& settings, const tls::TicketKeys& tickets);
  Result<void, Fault> start_core(std::size_t index, const DataplaneSettings& settings,
                                 const tls::TicketKeys& tickets);
  Result<void, Fault> confine() const;
  void complete(shard::Settings& settings, std::size_t index) const;
  void take_generation(Generation&& generation);
  void take_tickets(const ipc::Tickets& tickets);
  void take_policy_memory(std::shared_ptr<PolicyMemory> memory);
  void tell_all(Command command);
  bool give(const shard::Injection& injection);
  void take_injected();
  bool give(std::uint32_t core, shard::QueueWork& work);
  void take_queue_work();
  bool give(std::uint32_t core, const shard::ReportAnswer& answer);
  void take_report_mail();
  void report_generations();
  bool busy_taps();
  void end();

  board::Board board_;
  ControlLink& link_;
  std::unique_ptr<eal::Eal> eal_;
  std::vector<std::unique_ptr<nic::DpdkDevice>> devices_;
  std::vector<std::unique_ptr<nic::ExceptionTap>> taps_;
  std::unique_ptr<SpoolWriter> writer_;
  std::vector<std::unique_ptr<SharedFrames>> shared_;  // from core i to core j: i * cores + j
  std::unique_ptr<LoginChecker> logins_;               // outlives the cores that ask it
  std::unique_ptr<MailSigner> signer_;                 // too; null where no key is costly
  // Outlives the cores that read the mail in it.
  InjectionDesk injections_{[this](const shard::Injection& injection) { return give(injection); },
                            [this](const ipc::Injected& answer) { link_.injected(answer); }};
  QueueClerk queue_{[this](std::uint32_t core, shard::QueueWork& work) { return give(core, work); },
                    [this](const ipc::QueueAnswer& answer) { link_.answer_queue(answer); }};
  ReportPost reports_{[this](const ipc::ReportMail& mail, Bytes message) { return link_.give_report(mail, message); },
                      [this](std::uint32_t core, const shard::ReportAnswer& answer) { return give(core, answer); }};
  std::vector<std::unique_ptr<CoreSlot>> cores_;
  std::array<std::uint8_t, 16> net_key_{};
  std::array<std::uint8_t, 16> isn_key_{};
  std::array<std::uint8_t, 16> cookie_key_{};
  std::array<std::uint8_t, 16> table_key_{};
  std::shared_ptr<PolicyMemory> policy_memory_;
  std::uint64_t life_ = 0;  // tells our questions to the resolver from those of an earlier data plane
  bool stopping_ = false;
};

}  // namespace postern::dataplane
