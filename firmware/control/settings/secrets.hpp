// Certificates, keys and trust anchors from their files into memory.
#pragma once

#include <vector>

#include "firmware/ipc/credentials.hpp"
#include "firmware/ipc/grants.hpp"
#include "firmware/ipc/settings_check.hpp"

namespace postern::control {

struct LoadedSecrets {
  ipc::Credentials credentials;
  std::vector<ipc::SettingFault> faults;
  bool waiting = false;  // entries of the keystore are named, and it has not given anything yet
};

// Looks that the files can be read and hold PEM of the right kind; whether a key fits its certificate is seen
// by the data plane, which refuses the generation otherwise. `granted`: what the keystore gives out for the
// data plane; null: it is not there yet, or locked.
LoadedSecrets load_secrets(const ipc::SettingValues& values, const ipc::Grants* granted = nullptr);

}  // namespace postern::control
