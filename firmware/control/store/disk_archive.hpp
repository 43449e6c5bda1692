// Generations as files: one each, written beside, synced and renamed, so that a name never stands for half a
// file. Only root reads them: they hold secrets.
#pragma once

#include <string>

#include "firmware/control/store/archive.hpp"

namespace postern::control {

class DiskArchive : public Archive {
 public:
  // Makes the directory where there is none.
  static Result<DiskArchive, Fault> create(const std::string& directory);

  std::vector<std::uint64_t> numbers() override;
  Result<Generation, Fault> read(std::uint64_t number) override;
  Result<void, Fault> write(std::uint64_t number, const Generation& generation) override;
  void remove(std::uint64_t number) override;
  void set_aside(std::uint64_t number) override;
  std::string path(std::uint64_t number) const;

 private:
  explicit DiskArchive(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
};

}  // namespace postern::control
