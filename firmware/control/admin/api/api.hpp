// The API: from a request to an answer. Finds the operation, learns who asks, holds both against the document
// (role, scope, step-up, token, origin), checks every field, lets the handler work, and writes the audit log.
//
// Always holds: nothing that changes something is answered before its audit line is on disk; no exception of
// a handler gets out; what is not in the document is not there.
#pragma once

#include "firmware/control/admin/api/call.hpp"

namespace postern::admin {

class Api {
 public:
  explicit Api(Rooms& rooms) : rooms_(rooms) {}
  Response handle(const Request& request, std::int64_t wall_seconds);

 private:
  Response carry_out(const Request& request, const Match& match, std::int64_t now);
  void learn_who(Call& call) const;
  void check_origin(const Call& call) const;
  void check_rights(const Call& call) const;
  void check_step_up(const Call& call) const;
  void write_audit(const Call& call, const std::string& result) const;

  Rooms& rooms_;
};

// What of a body may be written down: secrets replaced, long texts cut.
std::string audit_detail(const Operation& operation, const Json& body);

}  // namespace postern::admin
