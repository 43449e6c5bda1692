// The public keys that may sign updates: see the header.
#include "firmware/control/update/bundle/keys.hpp"

#include <algorithm>
#include <fstream>

namespace postern::control::update {

Outcome<PublicKey> parse_key(std::string_view line) {
  PublicKey key;
  const auto space = std::min(line.find(' '), line.size());
  if (!from_hex(line.substr(0, space), key.bytes))
    return fault("this is no public key: 64 hex digits, then whose it is");
  key.owner = std::string(line.substr(std::min(space + 1, line.size())));
  std::erase_if(key.owner, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (key.owner.empty()) key.owner = hex(Bytes(key.bytes).first(4));
  return key;
}

Outcome<std::vector<PublicKey>> load_keys(const std::filesystem::path& folder) {
  std::vector<PublicKey> keys;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".pub") continue;
    std::ifstream file(entry.path());
    std::string line;
    std::getline(file, line);
    if (auto key = parse_key(line)) keys.push_back(std::move(*key));
  }
  if (keys.empty()) return fault("there is no key in " + folder.string() + " that may sign updates");
  return keys;
}

const PublicKey* signer(std::span<const PublicKey> keys, Bytes signature, Bytes signed_bytes) {
  for (const auto& key : keys) {
    if (crypto_sign_verify_detached(signature.data(), signed_bytes.data(), signed_bytes.size(),
                                    key.bytes.data()) == 0)
      return &key;
  }
  return nullptr;
}

}  // namespace postern::control::update
