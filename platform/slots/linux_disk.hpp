// A Disk of block devices (or files) and a mounted ESP, as the slots folder names them.
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "platform/process/descriptor.hpp"
#include "platform/slots/disk.hpp"

namespace postern::slots {

// Opens nothing before it is needed. `folder` has esp (or esp.device), root-a and root-b: README.md.
// Where there is an esp.device it is mounted on esp as long as the disk lives.
Outcome<std::unique_ptr<Disk>> open_disk(const std::filesystem::path& folder);

}  // namespace postern::slots
