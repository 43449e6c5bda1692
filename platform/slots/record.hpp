// What is remembered besides the names on the ESP: versions, the version floor, and who has to confirm.
//
// A small text file on the state partition, written whole (temporary file, sync, rename). A damaged one reads
// as what of it can be read: the names on the ESP decide what starts, never this.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "platform/slots/disk.hpp"

namespace postern::slots {

struct Record {
  std::string floor;                          // no bundle below this version is taken; empty: none yet
  std::map<Slot, std::string> versions;       // what was written into each slot
  std::map<Slot, std::string> floors;         // the floor each slot brings once it is found good
  std::uint64_t confirm_number = 0;           // this entry has to be confirmed; 0: none
  std::uint32_t confirm_minutes = 0;          // within that time after it was found healthy
  std::uint64_t tried_number = 0;             // the last entry that was switched to
  std::map<Slot, std::uint64_t> generations;  // of the settings: what each slot ran with when it was left
  std::string last;                           // how the last update went, one line

  std::string text() const;
  static Record parse(std::string_view text);
};

Record load_record(const std::filesystem::path& file);
Outcome<void> save_record(const std::filesystem::path& file, const Record& record);

}  // namespace postern::slots
