// Who changed what: a file of JSON lines, each with the hash of the one before, so that nothing can be
// changed or left out in the middle without everybody seeing it. Each line goes to the machine's syslog too,
// where an attacker on this box does not reach it (RFC 3164's local form).
//
// The line is on disk before the answer goes out. Root's command line writes to the same file: a lock on it
// is held from reading the last hash to the end of the write.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::admin {

struct AuditEntry {
  std::string user;
  std::string source;  // address, or "console"
  std::string via;     // web, api, console, cli, box
  std::string action;  // the operation's id
  std::string subject;
  std::string result;  // done, or why not
  std::string detail;  // what was said, secrets left out
};

struct AuditPage {
  std::vector<nlohmann::ordered_json> lines;  // newest first
  std::uint64_t total = 0;
};

struct AuditVerdict {
  bool good = true;
  std::uint64_t lines = 0;
  std::uint64_t first_wrong = 0;  // number of the line; 0: none
  std::string text;
  std::string head;  // hash of the last line
};

class Audit {
 public:
  static Result<Audit, Fault> open(const std::string& path);
  Audit(Audit&&) noexcept;
  ~Audit();

  Result<void, Fault> write(const AuditEntry& entry, std::uint64_t wall_ns);
  AuditPage page(std::uint64_t before, std::size_t most, const std::string& user,
                 const std::string& text) const;
  AuditVerdict verify() const;

 private:
  Audit(std::string path, process::Descriptor file, process::Descriptor syslog);
  struct State;
  std::unique_ptr<State> state_;
};

// The pure part: the next line of a chain, and whether one follows from the hash before it.
std::string audit_line(const AuditEntry& entry, std::uint64_t number, const std::string& time,
                       const std::string& previous);
AuditVerdict verify_chain(const std::function<bool(std::string&)>& next_line);

}  // namespace postern::admin
