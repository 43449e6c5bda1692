// TLS reports of others on their way to the reporter: a directory that control writes into and the reporter
// empties. What is in them is looked at by the reporter alone.
//
// A file is complete when it has its name; at most `kMostWaiting` wait, so that whoever sends reports to us
// cannot fill the disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::control {

inline constexpr std::size_t kMostWaiting = 500;
inline constexpr std::size_t kMostReportBytes = 4u << 20;  // packed, as it came

// Beside the database.
std::string intake_directory(std::string_view database);

// The same bytes a second time while the first wait are one report.
Result<void, Fault> put_in_intake(const std::string& directory, Bytes report);
// Names, at most `most`.
std::vector<std::string> list_intake(const std::string& directory, std::size_t most);
// Nothing where it is gone or too large.
std::optional<std::string> read_from_intake(const std::string& directory, const std::string& name);
// It stays for people to look at, and is listed no more; of those only the latest few are kept.
void set_aside_in_intake(const std::string& directory, const std::string& name);
void remove_from_intake(const std::string& directory, const std::string& name);

}  // namespace postern::control
