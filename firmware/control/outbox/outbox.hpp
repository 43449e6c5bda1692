// Mail on its way from the reporter into the gateway's queue: one file each, in a directory of its own.
//
//   "POSTERN-MAIL 1\n" | sender "\n" | recipient "\n" | message
//
// A file is there whole or not at all (written beside, fsync, rename). Whoever takes it removes it only when
// the queue has it on disk, so a crash sends it twice at most, with the same Message-ID.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::control {

// Beside the database.
std::string outbox_directory(std::string_view database);

struct OutboxMail {
  std::string from;
  std::string to;
  std::string message;
};

// Removes what an earlier write left half done.
Result<void, Fault> prepare_outbox(const std::string& directory);
// `name` is part of the file's name: the same name replaces the same mail.
Result<void, Fault> put_in_outbox(const std::string& directory, std::string_view name,
                                  const OutboxMail& mail);
// Names of the files, at most `most`, in the order of their names.
std::vector<std::string> list_outbox(const std::string& directory, std::size_t most);
// Nothing where it is gone or is none.
std::optional<OutboxMail> read_from_outbox(const std::string& directory, const std::string& name);
void remove_from_outbox(const std::string& directory, const std::string& name);
// It stays for people to look at, and is listed no more.
void set_aside_in_outbox(const std::string& directory, const std::string& name);

}  // namespace postern::control
