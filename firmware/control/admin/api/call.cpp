// One operation being carried out: see the header.
#include "firmware/control/admin/api/call.hpp"

#include <array>

#include "firmware/control/outcomes/outcome_text.hpp"

namespace postern::admin {

const std::string& Call::text(std::string_view name) const {
  static const std::string kNone;
  const auto at = parameters.find(std::string(name));
  return at == parameters.end() || !at->second.is_string() ? kNone : at->second.get_ref<const std::string&>();
}

Json Call::ask(Json question) const {
  question["actor"] = {{"name", user_name()},
                       {"source", token ? "api" : "web"},
                       {"role", user ? user->role : std::string()},
                       {"address", request.source}};
  return rooms.door.ask(question);
}

namespace {

std::array<std::span<const HandlerRow>, 16> tables() {
  return {audit_handlers(), domain_handlers(), job_handlers(),     key_handlers(),
          live_handlers(),  me_handlers(),     message_handlers(), policy_handlers(),
          queue_handlers(), report_handlers(), session_handlers(), settings_handlers(),
          setup_handlers(), system_handlers(), token_handlers(),   user_handlers()};
}

}  // namespace

Handler find_handler(std::string_view operation) {
  for (const auto table : tables()) {
    for (const auto& row : table) {
      if (row.operation == operation) return row.handler;
    }
  }
  return [](Call&) -> Response { throw not_available("this box cannot do that yet"); };
}

std::vector<std::string> handled_operations() {
  std::vector<std::string> all;
  for (const auto table : tables()) {
    for (const auto& row : table) all.emplace_back(row.operation);
  }
  return all;
}

std::string time_of(std::int64_t wall_seconds) {
  auto text = control::time_text(static_cast<std::uint64_t>(wall_seconds) * 1'000'000'000);
  return text.substr(0, 19) + "Z";
}

Json time_or_null(std::int64_t wall_seconds) {
  return wall_seconds == 0 ? Json() : Json(time_of(wall_seconds));
}

std::string cookie_of(const std::string& secret) {
  return std::string(kCookie) + "=" + secret + "; Path=/; Secure; HttpOnly; SameSite=Strict";
}

std::string no_cookie() {
  return std::string(kCookie) + "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
}

Json session_json(const Rooms& rooms, const std::optional<Session>& session, const std::optional<User>& user,
                  std::int64_t now) {
  Json json{{"state", session ? session->state : "none"},
            {"setup_needed", !rooms.people.any_owner()},
            {"version", POSTERN_VERSION},
            {"host_name", rooms.figures.status().value("host_name", rooms.facts.host_name)}};
  if (!session) return json;
  json["csrf"] = session->csrf;
  json["idle_until"] = time_of(session->seen + rooms.facts.times.idle);
  json["ends"] = time_of(session->ends);
  if (!user) return json;
  json["user"] = user->name;
  json["role"] = user->role;
  json["must_change_password"] = user->must_change_password;
  json["step_up_until"] = session->step_up_until > now ? Json(time_of(session->step_up_until)) : Json();
  json["recovery_codes_left"] = user->recovery_codes;
  return json;
}

}  // namespace postern::admin
