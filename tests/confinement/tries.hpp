// What a process that was taken over would try. Each says whether it worked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace postern::confinement_test {

// What a try finds outside: made before the process is confined.
struct Place {
  std::string key_file;    // somebody else's private key
  std::string mail_file;   // a message in somebody else's spool
  std::string outside;     // a directory that is nobody's here
  std::uint16_t port = 0;  // of a server on the loopback address
  int parent = 0;          // a process of the same user
};

struct Try {
  std::string_view name;
  bool (*works)(const Place&);
};

std::span<const Try> tries();

}  // namespace postern::confinement_test
