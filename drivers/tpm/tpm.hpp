// A trusted platform module, as far as Postern uses one: it seals a few bytes so that only this chip, in this
// state, gives them back. TPM 2.0 Part 1 §23 (sealed data), Part 3 §12 (TPM2_Create, TPM2_Unseal).
#pragma once

#include <string>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::tpm {

inline constexpr std::size_t kMostSealedBytes = 128;

class Tpm {
 public:
  virtual ~Tpm() = default;
  // Who made it, for people: "IFX SLB9670, TPM 2.0".
  virtual std::string what() const = 0;
  // An object to keep on disk; of no use without the chip.
  virtual Result<std::vector<std::uint8_t>, Fault> seal(Bytes secret) = 0;
  // How many bytes went into `into`. Faults: another chip, another state, a damaged object.
  virtual Result<std::size_t, Fault> unseal(Bytes object, MutableBytes into) = 0;
};

}  // namespace postern::tpm
