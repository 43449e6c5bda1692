// Signs the message on standard input, for tests with verifiers that are not ours.
//
//   dkim-signer FORM DOMAIN SELECTOR KEY-FILE [DOMAIN SELECTOR KEY-FILE]...     prints the signed message
//   dkim-signer --record KEY-FILE                                               prints the key record
//
// FORM is relaxed or simple, for header and body.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "firmware/dkim/record.hpp"
#include "firmware/dkim/sign.hpp"

namespace {

using namespace postern;

std::string content(std::istream&& stream) {
  return {std::istreambuf_iterator<char>(stream), {}};
}

int complain(std::string_view reason) {
  std::cerr << reason << "\n";
  return 1;
}

int record(const char* path) {
  const auto key = dkim::Key::from_pem(content(std::ifstream(path)));
  if (!key) return complain(key.error().reason);
  std::cout << dkim::key_record(*key, dkim::Service::any) << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "--record") return record(argv[2]);
  if (words.size() < 4 || words.size() % 3 != 1) return complain("see the head of signer_main.cpp");
  const auto form = words[0] == "simple" ? dkim::Canonical::simple : dkim::Canonical::relaxed;
  dkim::Keyring keys;
  for (std::size_t i = 1; i < words.size(); i += 3) {
    const auto added = keys.add(words[i], words[i + 1], content(std::ifstream(words[i + 2])));
    if (!added) return complain(added.error().reason);
  }
  const std::string message{std::istreambuf_iterator<char>(std::cin), {}};
  dkim::MessageHash hash(form);
  constexpr std::size_t kPiece = 11;
  for (std::size_t at = 0; at < message.size(); at += kPiece) {
    hash.feed(as_bytes(std::string_view(message).substr(at, kPiece)));
  }
  const auto fields =
      dkim::sign(hash, keys, {.header = form, .now = std::chrono::system_clock::now(), .lifetime = 1h});
  if (!fields) return complain(fields.error().reason);
  std::cout << *fields << message;
  return 0;
}
