// postern-control: joins supervisor, settings, message log and the door for the command line in one loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "firmware/control/main/options.hpp"
#include "firmware/control/office/office_lookup.hpp"
#include "firmware/control/outbox/courier.hpp"
#include "firmware/control/outcomes/message_log.hpp"
#include "firmware/control/queue/queue_door.hpp"
#include "firmware/control/service/log_memory.hpp"
#include "firmware/control/service/service.hpp"
#include "firmware/control/settings/settings_file.hpp"
#include "firmware/control/store/disk_archive.hpp"
#include "firmware/control/store/door.hpp"
#include "firmware/control/store/store.hpp"
#include "firmware/control/supervisor/admin_keeper.hpp"
#include "firmware/control/supervisor/keystore_keeper.hpp"
#include "firmware/control/supervisor/reporter_keeper.hpp"
#include "firmware/control/supervisor/resolver_keeper.hpp"
#include "firmware/control/supervisor/supervisor.hpp"
#include "firmware/control/update/desk/update_desk.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

class Control {
 public:
  // Reads the settings; false where they are not usable (all faults were told).
  Control(Options options, Launcher launcher, Launcher resolver, Launcher reporter, Launcher keystore,
          Launcher admin, process::Descriptor signals);
  bool load();
  Result<void, Fault> open_door();
  // Until told to end; gives the exit status.
  int run();

 private:
  using Json = nlohmann::ordered_json;

  void turn();
  void wait();
  void take_signals();
  void apply();
  void drain();
  void keep_resolver();
  void carry_mail();
  void keep_report(const ipc::ReportMail& mail, Bytes message);
  void say_rest();
  void stop_companions();
  // What concerns the settings is in settings_keeper.cpp.
  bool open_store();
  bool take_file();
  std::vector<ipc::SettingFault> look_at_files(const ipc::SettingValues& values) const;
  void take_keys();
  bool adopt(bool strict);
  void keep_settings();
  void take_settings();
  void note_restart_settings();
  void note_published();
  void say_announcements();
  Applied applied();
  Json settings_json(bool values) const;
  void add_settings_warnings(std::vector<std::string>& all) const;
  Json answer(const nlohmann::json& question, const Peer& peer);
  std::optional<Json> ask_queue(const nlohmann::json& question, const Peer& peer);
  Json status();
  std::vector<ipc::CounterRoom> counters();
  Json reload();
  std::vector<std::string> warnings() const;

  LogMemory log_;
  Options options_;
  Supervisor supervisor_;
  ResolverKeeper resolver_;
  ReporterKeeper reporter_;
  KeystoreKeeper keystore_;
  AdminKeeper admin_;
  unsigned admin_uid_ = 0;
  Courier courier_;
  QueueDoor queue_{[this](const ipc::QueueAsk& ask) { return supervisor_.end().ask_queue(ask); }};
  update::UpdateDesk updates_{options_.run_directory + "/slots", options_.run_directory + "/wish"};
  std::uint64_t hellos_ = 0;  // of the data plane, already answered
  process::Descriptor signals_;
  OfficeLookup lookup_;
  MessageLog messages_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<DiskArchive> archive_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SettingsDoor> settings_door_;
  std::map<std::uint64_t, std::uint64_t> published_;  // number at the data plane -> generation of the store
  ipc::SettingValues started_;                        // in force when the data plane started
  std::string refusal_seen_;
  ipc::SettingsView view_;
  ipc::Credentials credentials_;
  bool keys_wait_ = false;                // the data plane runs with those from before
  bool secrets_wait_ = false;             // the keystore has not given what the settings name
  std::vector<std::string> fault_texts_;  // of the last load
  std::vector<std::string> waiting_;      // settings that changed and need a restart
  std::vector<std::string> unanswered_;   // office servers without an address
  Json board_ = Json::object();           // its name and the names of its ports, where it can be read
  std::uint64_t loaded_wall_ns_ = 0;
  std::uint64_t started_wall_ns_ = 0;
  Now now_{};
  bool ending_ = false;
  bool leave_running_ = false;
};

}  // namespace postern::control
