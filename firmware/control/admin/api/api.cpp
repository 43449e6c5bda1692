// The API: from a request to an answer. See the header.
#include "firmware/control/admin/api/api.hpp"

#include <algorithm>
#include <array>

#include "firmware/control/admin/people/secrets.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace postern::admin {

namespace {

constexpr std::string_view kBearer = "Bearer ";

// What a person may still do whose password was made by somebody else.
constexpr std::array<std::string_view, 3> kBeforeChange{"logout", "changePassword", "getSession"};

std::uint64_t wall_ns() {
  return static_cast<std::uint64_t>(clock::kernel_wall().time_since_epoch().count());
}

bool is_public(const Operation& operation) {
  return operation.allows("public");
}

std::string joined(const FieldFaults& faults) {
  std::string text;
  for (const auto& fault : faults) text += (text.empty() ? ": " : "; ") + fault.field + " " + fault.text;
  return text;
}

}  // namespace

Response Api::handle(const Request& request, std::int64_t now) {
  try {
    const auto match = rooms_.document.find(request.method, request.path);
    if (match.operation == nullptr) {
      if (match.other_method)
        throw Problem(405, "method", "this path knows no " + request.method.substr(0, 16));
      throw unknown("there is nothing at this path");
    }
    return carry_out(request, match, now);
  } catch (const Problem& problem) {
    return response_of(problem);
  } catch (const std::exception& error) {
    log::write(log::Level::error, "admin", request.method + " " + request.path + ": " + error.what());
    return response_of(Problem(500, "failed", "something went wrong here; the log says what"));
  }
}

Response Api::carry_out(const Request& request, const Match& match, std::int64_t now) {
  const auto& operation = *match.operation;
  Call call{rooms_, request, operation, {}, nullptr, {}, {}, {}, now, {}, {}, false};
  std::string result = "done";
  try {
    learn_who(call);
    if (operation.unsafe()) check_origin(call);
    check_rights(call);
    call.parameters = rooms_.document.parameters(match, request.query);
    if (operation.unsafe())
      call.body = rooms_.document.body(operation, request.header("content-type"), request.body);
    check_step_up(call);
    auto response = find_handler(operation.id)(call);
    if (operation.unsafe() && !call.silent) write_audit(call, result);
    return response;
  } catch (const Problem& problem) {
    // A stranger who knocks is worth a line only where he tries a password or a code.
    const bool known = call.user || !call.who.empty() || !call.subject.empty();
    if (operation.unsafe() && known && !call.silent && problem.type != "not_available")
      write_audit(call, problem.type + ": " + problem.detail + joined(problem.faults));
    throw;
  }
}

// A token, or the session of the cookie.
void Api::learn_who(Call& call) const {
  const auto authorization = call.request.header("authorization");
  if (!authorization.empty()) {
    if (authorization.starts_with(kBearer))
      call.token = rooms_.people.token(authorization.substr(kBearer.size()), call.request.source, call.now);
    if (!call.token) throw Problem(401, "not_logged_in", "this token is not known, or has expired");
    call.user = rooms_.people.user(call.token->user);
    return;
  }
  // A page that only listens is no sign of a person.
  call.session = rooms_.people.session(call.request.cookie(kCookie), rooms_.facts.times, call.now,
                                       call.operation.id != "events");
  if (call.session && !call.session->user.empty()) call.user = rooms_.people.user(call.session->user);
  if (call.session && !call.session->user.empty() && !call.user) call.session.reset();
}

// A browser names the page's origin with every unsafe request; another page's script cannot know the token.
void Api::check_origin(const Call& call) const {
  if (call.token) return;
  const auto origin = call.request.header("origin");
  if (origin.empty() || origin != "https://" + std::string(call.request.header("host")))
    throw Problem(403, "origin",
                  "a request that changes something needs an Origin, and it has to be this box");
  if (is_public(call.operation)) return;
  if (call.session && hash_of(call.request.header("x-postern-token")) == hash_of(call.session->csrf)) return;
  if (!call.session) return;  // check_rights says so
  throw Problem(403, "token", "the header X-Postern-Token is missing or not this session's");
}

void Api::check_rights(const Call& call) const {
  const auto& operation = call.operation;
  if (is_public(operation)) return;
  if (call.token) {
    const auto scopes = " " + call.token->scope + " ";
    if (operation.scope.empty() || scopes.find(" " + operation.scope + " ") == std::string::npos)
      throw Problem(403, "forbidden",
                    operation.scope.empty() ? "no token will do here: log in"
                                            : "the token lacks the scope " + operation.scope);
    if (!call.user || !(operation.allows(call.user->role) || operation.allows("full")))
      throw Problem(403, "forbidden", "the token's person may not do this");
    return;
  }
  if (!call.session) throw Problem(401, "not_logged_in", "log in first");
  const auto& state = call.session->state;
  if (operation.allows("any")) return;
  if (state == "setup" || state == "second_factor" || state == "enrol") {
    const bool allowed = operation.allows(state == "second_factor" ? "half" : state);
    if (!allowed) throw Problem(403, "forbidden", "this session has to be completed first");
    return;
  }
  if (!call.user) throw Problem(401, "not_logged_in", "log in first");
  const bool may_before =
      std::find(kBeforeChange.begin(), kBeforeChange.end(), operation.id) != kBeforeChange.end();
  if (call.user->must_change_password && !may_before)
    throw Problem(403, "must_change_password", "change your password first");
  if (operation.allows("full") || operation.allows(call.user->role)) return;
  throw Problem(403, "forbidden", "a person with the role " + call.user->role + " may not do this");
}

// Programs cannot show that they are a person: a token with the scope is enough for them.
void Api::check_step_up(const Call& call) const {
  if (!call.session || call.session->state != "full") return;
  if (!call.operation.step_up && !call.operation.step_up_if_full) return;
  if (call.body.is_object() && call.body.value("dry_run", false)) return;
  if (call.session->step_up_until <= call.now)
    throw Problem(403, "step_up", "show again that it is you: password and code");
}

void Api::write_audit(const Call& call, const std::string& result) const {
  AuditEntry entry;
  entry.user = call.user_name();
  entry.source = call.request.source;
  entry.via = call.token ? "api" : "web";
  entry.action = call.operation.id;
  entry.subject = call.subject;
  for (const auto& [name, value] : call.parameters) {
    if (entry.subject.empty() && value.is_string()) entry.subject = value.get<std::string>();
  }
  entry.result = result;
  entry.detail = audit_detail(call.operation, call.body);
  if (const auto written = rooms_.audit.write(entry, wall_ns()); !written) {
    log::write(log::Level::error, "admin", written.error().reason);
    throw Problem(503, "not_available", written.error().reason);
  }
}

std::string audit_detail(const Operation& operation, const Json& body) {
  static constexpr std::array<std::string_view, 8> kNever{"password",      "old",        "new", "code",
                                                          "recovery_code", "passphrase", "key", "file"};
  if (!body.is_object()) return {};
  auto shown = body;
  for (auto& [name, value] : shown.items()) {
    const bool secret = std::find(kNever.begin(), kNever.end(), name) != kNever.end();
    if (secret || (operation.id == "setupBox" && name == "more") ||
        (operation.id == "makeKey" && name == "text"))
      value = "(not written down)";
  }
  return shown.empty() ? std::string() : shown.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace postern::admin
