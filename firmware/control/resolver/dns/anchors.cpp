// Files with the root's keys: see the header.
#include "firmware/control/resolver/dns/anchors.hpp"

#include <filesystem>
#include <fstream>

namespace postern::resolver {

namespace {

std::string path_of(const std::string& directory, std::size_t index) {
  return directory + "/root-" + std::to_string(index) + ".key";
}

bool has_content(const std::string& path) {
  std::error_code failed;
  return std::filesystem::file_size(path, failed) > 0 && !failed;
}

}  // namespace

Result<std::string, Fault> managed_anchor(const std::string& directory, std::size_t index,
                                          const std::string& start) {
  const auto path = path_of(directory, index);
  if (has_content(path)) return path;
  auto from = path_of(directory, 0);
  if (index == 0 || !has_content(from)) from = start;
  const auto fresh = path + ".new";
  {
    std::ifstream in(from, std::ios::binary);
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    if (!in) return fault("cannot read the root's key in " + from + "; is dns-root-data installed?");
    out << in.rdbuf();
    if (!out.flush()) return fault("cannot write " + fresh);
  }
  std::error_code failed;
  std::filesystem::rename(fresh, path, failed);
  if (failed) return fault("cannot make " + path + ": " + failed.message());
  return path;
}

}  // namespace postern::resolver
