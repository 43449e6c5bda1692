// The pages: a directory read once at start, served from memory, compressed where the browser likes that. A
// name with a hash in it never changes, so it may be kept for ever; everything else is asked for again.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "firmware/control/admin/http/request.hpp"
#include "firmware/control/admin/http/response.hpp"

namespace postern::admin {

class Files {
 public:
  static constexpr std::size_t kMostBytes = 32u << 20;

  // A directory that is not there gives one page that says so.
  explicit Files(const std::string& directory);
  Response get(const Request& request) const;
  std::size_t count() const { return files_.size(); }

 private:
  struct File {
    std::string type;
    std::string etag;
    bool immutable = false;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> packed;  // gzip; null where that is not smaller
  };
  void add(const std::string& path, std::string content);
  std::map<std::string, File> files_;
};

std::string type_of(const std::string& path);
// "app.3f2a91bc.js": eight or more letters and digits between the name and its end.
bool has_hash(const std::string& path);

}  // namespace postern::admin
