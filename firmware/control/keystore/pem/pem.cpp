// PEM: see the header.
#include "firmware/control/keystore/pem/pem.hpp"

namespace postern::keystore {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLine = 64;
constexpr std::size_t kMostLabel = 64;

// The body's bytes: base64 with line breaks and blanks.
Result<Secret> decode(std::string_view body) {
  Secret room(body.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  if (::sodium_base642bin(room.bytes().data(), room.bytes().size(), body.data(), body.size(), " \t\r\n",
                          &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != body.data() + body.size() || size == 0)
    return fail("a PEM block holds what is not base64");
  return Secret::of(room.bytes().first(size));
}

// RFC 1421 headers ("Proc-Type: 4,ENCRYPTED") end with an empty line.
bool has_headers(std::string_view body) {
  return body.find(':') != std::string_view::npos;
}

}  // namespace

Result<std::vector<PemBlock>> read_pem(std::string_view text) {
  if (text.size() > kMostPemBytes) return fail("the PEM text is larger than 256 KiB");
  std::vector<PemBlock> blocks;
  while (true) {
    const auto begin = text.find(kBegin);
    if (begin == std::string_view::npos) return blocks;
    text.remove_prefix(begin + kBegin.size());
    const auto label_end = text.find(kDashes);
    if (label_end == std::string_view::npos || label_end > kMostLabel)
      return fail("a PEM block begins with a line that is not closed");
    const auto label = text.substr(0, label_end);
    if (label.find('\n') != std::string_view::npos)
      return fail("a PEM block begins with a line that is not closed");
    const auto closing = std::string(kEnd) + std::string(label) + std::string(kDashes);
    text.remove_prefix(label_end + kDashes.size());
    const auto end = text.find(closing);
    if (end == std::string_view::npos) return fail("a PEM block is not closed");
    const auto body = text.substr(0, end);
    if (has_headers(body)) return fail("the key is encrypted; upload it in clear, it is kept encrypted here");
    auto der = decode(body);
    if (!der) return tl::unexpected(der.error());
    if (blocks.size() == kMostPemBlocks) return fail("the PEM text has more than 32 blocks");
    blocks.push_back({std::string(label), std::move(*der)});
    text.remove_prefix(end + closing.size());
  }
}

Secret write_secret_pem(std::string_view label, Bytes der) {
  Secret base64(sodium_base64_encoded_len(der.size(), sodium_base64_VARIANT_ORIGINAL));
  auto* characters = reinterpret_cast<char*>(base64.bytes().data());
  ::sodium_bin2base64(characters, base64.bytes().size(), der.data(), der.size(),
                      sodium_base64_VARIANT_ORIGINAL);
  const std::string_view all(characters, base64.bytes().size() - 1);
  const auto begin = std::string(kBegin) + std::string(label) + "-----\n";
  const auto end = std::string(kEnd) + std::string(label) + "-----\n";
  Secret out(begin.size() + all.size() + (all.size() + kLine - 1) / kLine + end.size());
  std::size_t at = 0;
  const auto add = [&](std::string_view piece) {
    if (!piece.empty()) std::memcpy(out.bytes().data() + at, piece.data(), piece.size());
    at += piece.size();
  };
  add(begin);
  for (std::size_t from = 0; from < all.size(); from += kLine) {
    add(all.substr(from, kLine));
    add("\n");
  }
  add(end);
  return out;
}

std::string write_pem(std::string_view label, Bytes der) {
  const auto text = write_secret_pem(label, der);
  return std::string(text.text());
}

}  // namespace postern::keystore
