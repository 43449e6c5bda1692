// State and data: made at the first start, checked and mounted at every one.
//
// What always holds: data is LUKS2. With a TPM its key is sealed there; without, it is a file on `state`,
// which is said plainly. A recovery key is made with the partition and shown once on the console.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::init {

struct Storage {
  std::string disk;  // vda
  std::string state_device;
  std::string data_device;
};

// Mounts /state, making it new where it cannot be mounted.
Result<void, Fault> open_state(const Storage& storage);

enum class KeyHolder : std::uint8_t { tpm, file };

struct DataFacts {
  KeyHolder holder = KeyHolder::file;
  bool fresh = false;  // made just now
};

// Opens and mounts /data; makes it where the partition is empty. A partition that holds something and does
// not open is never made new: that is a fault, and the recovery key is asked for.
Result<DataFacts, Fault> open_data(const Storage& storage);

// Opens /data with the recovery key that people typed.
Result<void, Fault> open_data_with(const Storage& storage, const std::string& recovery_key);

// Makes the folders programs expect below /data; takes settings from the ESP where there are none yet. Where
// there are none either, the box gets one: its web pages on the management port's address ("10.0.2.15/24,...";
// empty: on every address the kernel has, which are the management port's).
void furnish(const std::string& esp_device, const std::string& management);

// Everything the box learned is forgotten: keys first, so that a cut in the middle leaves nothing readable.
Result<void, Fault> factory_reset(const Storage& storage);

}  // namespace postern::init
