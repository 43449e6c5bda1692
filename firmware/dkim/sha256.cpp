#include "firmware/dkim/sha256.hpp"

#include <new>

#include "firmware/dkim/wolfcrypt.hpp"

namespace postern::dkim {
namespace {

wc_Sha256* library_state(std::byte* at) {
  return std::launder(reinterpret_cast<wc_Sha256*>(at));
}

}  // namespace

// The library's calls fail only for want of memory or hardware, and this form uses neither.
Hasher::Hasher() {
  static_assert(sizeof(wc_Sha256) <= kStateBytes && alignof(wc_Sha256) <= 16);
  wc_InitSha256(new (state_.data()) wc_Sha256);
}

Hasher::~Hasher() {
  wc_Sha256Free(library_state(state_.data()));
}

void Hasher::feed(Bytes bytes) {
  if (!bytes.empty())
    wc_Sha256Update(library_state(state_.data()), bytes.data(), static_cast<word32>(bytes.size()));
}

Digest Hasher::finish() {
  Digest digest{};
  wc_Sha256Final(library_state(state_.data()), digest.data());
  return digest;
}

}  // namespace postern::dkim
