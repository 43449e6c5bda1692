// A bundle on a medium that somebody plugged in: a file *.bundle at the top of a FAT file system, on any disk but
// the one the box runs from.
//
// What always holds: the medium is mounted read-only, without programs and devices, and only as long as this lives.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "platform/slots/disk.hpp"

namespace postern::control::update {

// "usb" or "usb:NAME": the bundle lies on a medium and not on the box.
bool names_medium(const std::string& source);

class Medium {
 public:
  // Looks at every disk in turn. Where there are several bundles and none is named, that is a fault that names
  // them. `slots_folder` knows the box's own disk, and has the place where the medium is mounted.
  static slots::Outcome<std::unique_ptr<Medium>> find(const std::filesystem::path& slots_folder,
                                                      const std::string& source);
  ~Medium();
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  const std::string& bundle() const { return bundle_; }

 private:
  explicit Medium(std::filesystem::path place) : place_(std::move(place)) {}
  std::filesystem::path place_;
  std::string bundle_;
};

// Which of the names is meant: the one that is wanted, or the only one.
slots::Outcome<std::string> choose_bundle(const std::vector<std::string>& names, const std::string& wanted);

}  // namespace postern::control::update
