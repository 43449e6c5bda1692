// Keeps the web administration running where the settings name an address for it: hands it its settings and
// its certificate, and knows what it says of itself.
//
// A change of what it cannot ask for later, or another certificate, starts it anew; logins outlive that.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "firmware/control/supervisor/companion.hpp"
#include "firmware/ipc/settings_check.hpp"

namespace postern::control {

// The user that the administration becomes, where this system has it; it may ask control in people's names.
struct AdminUser {
  unsigned uid = 0;
  unsigned gid = 0;
};
std::optional<AdminUser> admin_user();

class AdminKeeper {
 public:
  using Json = nlohmann::ordered_json;

  AdminKeeper(Launcher launcher, std::string socket_path);
  ~AdminKeeper();

  // Of all settings, takes those that are the admin's.
  void set(const ipc::SettingValues& values);
  // What browsers are shown. Nothing starts before it is there.
  void set_certificate(std::string chain_pem, std::string key_pem);
  void turn(Instant now);
  void stop() { companion_.stop(); }
  bool stopped() const { return companion_.stopped(); }

  bool wanted() const { return wanted_; }
  const CompanionFacts& facts() const { return companion_.facts(); }
  // For status: {"wanted", "pid", "address", "fingerprint", "setup_needed", ...}.
  Json json() const;
  void add_warnings(std::vector<std::string>& all) const;
  std::vector<int> descriptors() const { return companion_.descriptors(); }

 private:
  void on_line();
  bool on_message(const ipc::MessageView& message);
  void restart();

  ipc::SettingValues values_;
  bool wanted_ = false;
  bool started_ = false;
  bool restart_wanted_ = false;
  Instant restart_at_{};
  std::string chain_;
  std::string key_;
  Json report_;
  Companion companion_;
};

}  // namespace postern::control
