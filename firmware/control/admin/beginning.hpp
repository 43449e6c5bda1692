// How the admin process begins: what control says over its line, the port, the directory.
#pragma once

#include "firmware/control/admin/api/call.hpp"
#include "firmware/control/admin/lookup/world.hpp"
#include "firmware/tls/session.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::admin {

struct Beginning {
  process::Descriptor control;
  process::Descriptor listener;
  Facts facts;
  OwnFacts own;
  resolver::LookupOptions lookup;
  tls::Credential credential;
  std::string entered;  // how far the process is held
};

// Waits for control; opens the port while it may.
Result<Beginning, Fault> begin(const std::string& socket_path);
// Ours, and nobody else's.
Result<void, Fault> prepare_directory(const std::string& directory, const std::string& user);
// SHA-256 of the first certificate of a chain, in pairs with colons.
std::string fingerprint_of(const std::string& chain_pem);

}  // namespace postern::admin
