// Further boot entries of the firmware for our own loader: where a kernel image cannot be loaded, the loader has
// counted it and gives back to the firmware, which goes on to its next entry. Without one it would sit there until
// somebody switches the box off and on. UEFI 2.10 §3.1 (boot manager), §10.3.5 (device paths of media).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::init {

// Where the ESP lies, as the firmware names it.
struct EspPlace {
  std::uint32_t number = 0;
  std::uint64_t start = 0, sectors = 0;  // of 512 bytes
  std::string uuid;                      // of the partition: 8-4-4-4-12 hexadecimal digits
};

// A load option for the loader on that partition. Empty where the UUID is none.
std::vector<std::uint8_t> load_option(const EspPlace& esp, const std::string& title);

// The boot order with our entries behind all others that are there; the same where they are in it already.
std::vector<std::uint16_t> with_ours(std::vector<std::uint16_t> order);

// Writes what is missing, and nothing else: the variables' memory wears out. `device`: the ESP's, as in /dev.
Result<void, Fault> keep_boot_entries(const std::string& device, const std::string& uuid);

}  // namespace postern::init
