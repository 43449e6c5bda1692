// Grows the data partition into the rest of the disk, before it holds anything.
//
// What always holds: the copy of the table at the disk's end is written and synced before the table itself; what is
// not the last partition stays where it is.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::init {

// `disk` as in /dev (vda). Does nothing where the table fills the disk already.
Result<void, Fault> grow_data(const std::string& disk);

}  // namespace postern::init
