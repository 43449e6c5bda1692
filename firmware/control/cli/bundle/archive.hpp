// A tar archive in memory (POSIX.1-1988 ustar), and the pass that takes out what must not leave the box.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::control::cli {

struct BundleFile {
  std::string name;  // at most 99 bytes
  std::string content;
};

std::string write_tar(const std::vector<BundleFile>& files, std::uint64_t seconds);

// Private keys, password hashes and what stands behind "password", "secret", "passphrase", "token" give way
// to
// "[removed]": the last net below what is left out by type. With `addresses`, local parts too.
std::string scrub(std::string_view text, bool addresses);

}  // namespace postern::control::cli
