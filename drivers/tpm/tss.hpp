// The real chip, through tpm2-tss (ESYS).
//
// What is sealed hangs below a key that the chip makes anew from its own seed each time (nothing is stored in
// it), and opens only while the named platform configuration registers are as they were. Between chip and
// processor it travels encrypted (salted sessions), so that a probe on the bus sees nothing.
#pragma once

#include <memory>

#include "drivers/tpm/tpm.hpp"

namespace postern::tpm {

// `where`: "/dev/tpmrm0", or "swtpm:host=...,port=..." for a chip in software. `registers`: a bit for each
// register of the SHA-256 bank. The connection stays open: afterwards no file and no socket is opened.
Result<std::unique_ptr<Tpm>, Fault> open_tpm(const std::string& where, std::uint32_t registers);

}  // namespace postern::tpm
