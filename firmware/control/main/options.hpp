// The command line of postern-control.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::control {

struct Options {
  std::string settings;         // empty: kSettingsFile where there is one, else only the store
  std::string state_directory;  // empty: see store()
  std::string board = "generic-x86";
  std::string boards;  // empty: the data plane's own default
  std::string run_directory = "/run/postern";
  std::string dataplane;     // empty: postern-dataplane beside this program
  bool foreground = false;   // always so
  std::string resolver;      // empty: postern-resolver beside this program
  std::string reporter;      // empty: postern-reporter beside this program
  std::string keystore;      // empty: postern-keystore beside this program
  std::string keys;          // empty: see keys_directory()
  std::string key_file;      // empty: in that directory
  std::string tpm = "auto";  // or "none", or the device
  std::string admin;         // empty: postern-admin beside this program
  std::string web;           // its pages; empty: the directory web beside this program
  bool help = false;
  bool version = false;

  static constexpr std::string_view kSettingsFile = "/etc/postern/settings.toml";
  // The settings file that is taken in when it changes; empty: there is none.
  std::string settings_file() const;
  // Where generations are kept. Who names a settings file works with that, so a directory that others use
  // stays out of it.
  std::string store() const;
  std::string dataplane_socket() const { return run_directory + "/dataplane.sock"; }
  std::string service_socket() const { return run_directory + "/control.sock"; }
  std::string resolver_socket() const { return run_directory + "/resolver.sock"; }
  std::string reporter_socket() const { return run_directory + "/reporter.sock"; }
  std::string keystore_socket() const { return run_directory + "/keystore.sock"; }
  // Where the keystore's sealed files are: beside the store.
  std::string keys_directory() const;
  std::string admin_socket() const { return run_directory + "/admin.sock"; }
  std::string lock() const { return run_directory + "/control.lock"; }
};

Result<Options, Fault> parse_options(std::span<char* const> arguments);
std::string_view usage();

}  // namespace postern::control
