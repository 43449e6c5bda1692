// Where the data partition's key comes from: the TPM, else a file on the state partition.
//
// What always holds: with a TPM the key is on no disk in the clear. It is sealed to register 7 (what Secure
// Boot lets start), not to what is measured of kernels, so that an update does not lock the data out. TCG PC
// Client Platform Firmware Profile §3.3.4 (register 7).
#pragma once

#include <string>

#include "firmware/init/storage.hpp"

namespace postern::init {

// Makes a key, keeps it the best way there is, and writes it to `path` (in memory only).
Result<KeyHolder, Fault> make_key(const std::string& path);
// Writes the key that was kept to `path`.
Result<KeyHolder, Fault> hold_key(const std::string& path);

// Removes every stored form of the key.
void forget_key();

}  // namespace postern::init
