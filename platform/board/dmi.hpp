// Which board this machine is: what it says of itself (DMI, as Linux shows it in /sys/class/dmi/id) against
// what the boards say of theirs.
//
// The board that agrees on most points is taken; a board that is contradicted on any point is not. Where two
// agree equally, or the board somebody chose is contradicted, that is told, never passed over.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/board/board.hpp"

namespace postern::board {

inline constexpr std::string_view kDmiDirectory = "/sys/class/dmi/id";

// Empty where the machine does not say.
struct Dmi {
  std::string vendor;    // sys_vendor
  std::string product;   // product_name
  std::string version;   // product_version
  std::string board;     // board_name
  std::string firmware;  // bios_version
  std::string serial;    // product_serial
};

Dmi read_dmi(const std::filesystem::path& directory = kDmiDirectory);

// How many points agree; -1: one is contradicted. 0: the board says nothing about itself.
int agreement(const Identity& identity, const Dmi& dmi);

// "this machine is X of Y, but board B is Z": empty where nothing contradicts.
std::string mismatch(const Board& board, const Dmi& dmi);

struct Chosen {
  Board board;
  std::string notice;  // one line that people should see; empty: all is as it should be
};

// `name_or_file` as for load(), or "auto": the board of <root> that fits this machine.
Result<Chosen, Faults> choose(std::string_view name_or_file, const std::filesystem::path& root,
                              const Dmi& dmi);

}  // namespace postern::board
