// `postern admin`: what --help prints.
#pragma once

#include <string_view>

namespace postern::control::cli {

inline constexpr std::string_view kAdminHelp =
    "usage: postern admin first-code\n"
    "       postern admin users\n"
    "       postern admin reset-password USER [--second-factor]\n"
    "       postern admin verify-audit\n"
    "\n"
    "For whoever stands before the box. All of it works while the web administration runs, or does not.\n"
    "\n"
    "  first-code       the code that a new box's first page asks for\n"
    "  users            who may log in, with role and second factors\n"
    "  reset-password   makes a new password and prints it; it has to be changed at the next login. With\n"
    "                   --second-factor all devices and recovery codes go too, and the next login enrols "
    "anew\n"
    "  verify-audit     follows the chain of the audit log\n"
    "  --directory DIR  where the administration keeps its files (default: as admin.directory says)\n";

}  // namespace postern::control::cli
