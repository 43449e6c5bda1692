// A directory of the test's own, gone with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace postern::keystore_test {

class FreshDirectory {
 public:
  FreshDirectory() {
    char path[] = "/tmp/postern-keys-XXXXXX";
    path_ = ::mkdtemp(path) != nullptr ? path : "";
  }
  ~FreshDirectory() { std::filesystem::remove_all(path_); }
  FreshDirectory(const FreshDirectory&) = delete;
  FreshDirectory& operator=(const FreshDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace postern::keystore_test
