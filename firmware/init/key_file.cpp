#include "firmware/init/key_file.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "drivers/tpm/tss.hpp"
#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

constexpr const char* kKeyFile = "/state/data.key";
constexpr const char* kSealed = "/state/data.sealed";
constexpr const char* kTpm = "/dev/tpmrm0";
constexpr std::uint32_t kSecureBootState = 1U << 7;
constexpr std::size_t kKeyBytes = 32;

Result<std::string, Fault> fresh_key() {
  std::string key(kKeyBytes, '\0');
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    return fault(error_text("no random bytes for", "a key"));
  return key;
}

// Nothing where there is none; the chip of a board that has one may need a moment.
std::unique_ptr<tpm::Tpm> find_tpm() {
  if (::access(kTpm, R_OK | W_OK) != 0) return nullptr;
  auto opened = tpm::open_tpm(kTpm, kSecureBootState);
  if (!opened) say("THE TPM DOES NOT ANSWER: " + opened.error().reason);
  return opened ? std::move(*opened) : nullptr;
}

Result<void, Fault> seal(tpm::Tpm& chip, const std::string& key) {
  const auto object = chip.seal({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
  if (!object) return fault(object.error().reason);
  return replace_file(kSealed, {reinterpret_cast<const char*>(object->data()), object->size()});
}

Result<std::string, Fault> unseal() {
  const auto object = read_file(kSealed, 8192);
  if (!object) return fault(object.error().reason);
  const auto chip = find_tpm();
  if (chip == nullptr) return fault("the key is sealed to a TPM, and there is none");
  std::array<std::uint8_t, tpm::kMostSealedBytes> key{};
  const auto size =
      chip->unseal({reinterpret_cast<const std::uint8_t*>(object->data()), object->size()}, key);
  if (!size) return fault("the TPM does not give the key: " + size.error().reason);
  return std::string(reinterpret_cast<const char*>(key.data()), *size);
}

}  // namespace

Result<KeyHolder, Fault> make_key(const std::string& path) {
  auto key = fresh_key();
  if (!key) return fault(key.error().reason);
  forget_key();
  if (auto done = write_file(path, *key); !done) return fault(done.error().reason);
  if (const auto chip = find_tpm()) {
    const auto sealed = seal(*chip, *key);
    if (sealed) {
      say("the data partition's key is sealed to the TPM: " + chip->what());
      return KeyHolder::tpm;
    }
    say("THE TPM DOES NOT SEAL: " + sealed.error().reason);
  }
  if (auto done = replace_file(kKeyFile, *key); !done) return fault(done.error().reason);
  return KeyHolder::file;
}

Result<KeyHolder, Fault> hold_key(const std::string& path) {
  const bool sealed = ::access(kSealed, F_OK) == 0;
  const auto key = sealed ? unseal() : read_file(kKeyFile, 64);
  if (!key) return fault(key.error().reason);
  if (key->size() != kKeyBytes) return fault("the data partition's key is damaged");
  if (auto done = write_file(path, *key); !done) return fault(done.error().reason);
  return sealed ? KeyHolder::tpm : KeyHolder::file;
}

void forget_key() {
  ::unlink(kKeyFile);
  ::unlink(kSealed);
  ::sync();
}

}  // namespace postern::init
