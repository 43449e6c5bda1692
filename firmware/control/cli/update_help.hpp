// The texts of `postern update --help` and `postern board --help`.
#pragma once

#include <string_view>

namespace postern::control::cli {

inline constexpr std::string_view kUpdateHelp =
    "usage: postern update FILE [--allow-older] [--confirm MINUTES] [--json]\n"
    "       postern update status | confirm | rollback [--json]\n"
    "       postern update inspect FILE\n"
    "\n"
    "Puts a signed bundle into the slot that is not running. It is checked as it is read, written, read "
    "back,\n"
    "and switched to last; until then the box starts as before. FILE may be - for standard input.\n"
    "FILE may also be usb, for the bundle on a medium that is plugged in (FAT; usb:NAME where there are "
    "several).\n"
    "\n"
    "  status    both slots, what starts next, how the last update went\n"
    "  confirm   the running version is to stay (where the update was installed with --confirm)\n"
    "  rollback  the other slot starts with the next restart\n"
    "  inspect   reads a bundle whole and says what it is; nothing is written\n"
    "\n"
    "  --allow-older      install a version older than the running one; never one below the box's floor\n"
    "  --confirm MINUTES  the box goes back by itself unless somebody confirms in that time after its first "
    "start\n"
    "  --slots DIR        another slots folder (default /run/postern/slots)\n"
    "  --settings-generation N  what the running slot shall find again when it comes back\n"
    "\n"
    "For the box's init: 'update good' when the health gate passes, every few seconds until it gives 0, and\n"
    "'update bad REASON' when it does not, and 'update request' for what control was asked for.\n"
    "\n"
    "exit status: 0 done; 1 refused or failed, and nothing was switched; 2 the command line is wrong; 5 "
    "good: waits\n"
    "for somebody to confirm; 6 good, bad: the box goes back, restart it now.\n";

inline constexpr std::string_view kBoardHelp =
    "usage: postern board [NAME|FILE] [--boards DIR] [--kernel-line] [--json]\n"
    "\n"
    "Which board this machine is, what the board says is soldered, and whether the machine agrees: cores, "
    "huge\n"
    "pages, ports, console, IOMMU, watchdog, TPM, lights, sensors. Without a name the machine is asked "
    "(DMI).\n"
    "\n"
    "  --boards DIR   where boards are (default /usr/share/postern/boards)\n"
    "  --kernel-line  only what the kernel has to be told for this board\n"
    "  --root DIR     look at that tree's sys and dev instead of the machine's\n"
    "\n"
    "exit status: 0 it agrees (there may be warnings); 1 it does not, or the board has faults.\n";

}  // namespace postern::control::cli
