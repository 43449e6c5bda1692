// A chip in memory, for tests: what it sealed, it unseals, until it is replaced or its state changes.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>

#include "drivers/tpm/tpm.hpp"

namespace postern::tpm {

class MemoryTpm : public Tpm {
 public:
  explicit MemoryTpm(std::uint32_t chip = 1) : chip_(chip) {}

  std::string what() const override { return "in memory, chip " + std::to_string(chip_); }
  Result<std::vector<std::uint8_t>, Fault> seal(Bytes secret) override {
    if (broken) return fault("the TPM does not answer");
    if (secret.size() > kMostSealedBytes) return fault("too much to seal");
    const auto number = static_cast<std::uint32_t>(held_.size());
    held_.push_back({state, {secret.begin(), secret.end()}});
    std::vector<std::uint8_t> object(8);
    store_be<std::uint32_t>(object.data(), chip_);
    store_be<std::uint32_t>(object.data() + 4, number);
    return object;
  }
  Result<std::size_t, Fault> unseal(Bytes object, MutableBytes into) override {
    if (broken) return fault("the TPM does not answer");
    if (object.size() != 8 || load_be<std::uint32_t>(object.data()) != chip_)
      return fault("sealed by another TPM");
    const auto number = load_be<std::uint32_t>(object.data() + 4);
    if (number >= held_.size()) return fault("sealed by another TPM");
    const auto& one = held_[number];
    if (one.state != state) return fault("the machine is not in the state it was sealed for");
    if (into.size() < one.secret.size()) return fault("no room for what is sealed");
    std::memcpy(into.data(), one.secret.data(), one.secret.size());
    return one.secret.size();
  }

  std::uint32_t state = 0;  // what the platform configuration registers stand for
  bool broken = false;

 private:
  struct Held {
    std::uint32_t state;
    std::vector<std::uint8_t> secret;
  };
  std::uint32_t chip_;
  std::vector<Held> held_;
};

}  // namespace postern::tpm
