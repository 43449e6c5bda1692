// Logging in and out, step-up, one's password, and the list of sessions.
#include <sodium.h>

#include "firmware/control/admin/api/call.hpp"
#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "platform/password/password.hpp"

namespace postern::admin {

namespace {

std::optional<Session> fresh(Call& call, const std::string& secret) {
  return call.rooms.people.session(secret, call.rooms.facts.times, call.now);
}

Response get_session(Call& call) {
  return json_response(session_json(call.rooms, call.session, call.user, call.now));
}

// Somebody who has no name here costs the same time as somebody who has.
bool password_is_right(Call& call, const std::string& name, const std::string& password) {
  static const std::string kNobody = password::hash(make_secret()).value_or("");
  const auto hash = call.rooms.people.password_hash(name);
  return password::matches(hash.empty() ? kNobody : hash, password) && !hash.empty();
}

Response login(Call& call) {
  const auto name = call.body.at("user").get<std::string>();
  call.who = name.substr(0, 64);
  hold_back(call.rooms.backoff, call, name);
  if (!password_is_right(call, name, call.body.at("password").get<std::string>())) {
    call.rooms.backoff.failed(name, call.request.source, call.now);
    throw Problem(401, "wrong_login", "name or password is not right");
  }
  const auto user = call.rooms.people.user(name);
  Session session;
  session.user = name;
  session.state = user && user->devices > 0 ? "second_factor" : "enrol";
  session.source = call.request.source;
  session.agent = std::string(call.request.header("user-agent"));
  // Whoever logs in anew is done with what this browser had before.
  if (call.session) call.rooms.people.end_session(call.session->id, std::nullopt);
  const auto secret = call.rooms.people.add_session(session, call.rooms.facts.times, call.now);
  auto response = json_response(session_json(call.rooms, fresh(call, secret), user, call.now));
  response.headers.emplace_back("Set-Cookie", cookie_of(secret));
  return response;
}

Response second_factor(Call& call) {
  const auto& name = call.session->user;
  hold_back(call.rooms.backoff, call, name);
  if (!second_factor_is_right(call)) {
    call.rooms.backoff.failed(name, call.request.source, call.now);
    throw Problem(401, "wrong_code", "the code is not right, or was used already");
  }
  call.rooms.backoff.succeeded(name, call.request.source);
  return become_full(call, name);
}

Response logout(Call& call) {
  call.rooms.people.end_session(call.session->id, std::nullopt);
  auto response = json_response({{"done", true}});
  response.headers.emplace_back("Set-Cookie", no_cookie());
  return response;
}

Response step_up(Call& call) {
  const auto& name = call.user->name;
  hold_back(call.rooms.step_backoff, call, name);
  const bool right = password_is_right(call, name, call.body.at("password").get<std::string>()) &&
                     (call.user->devices == 0 || second_factor_is_right(call));
  if (!right) {
    call.rooms.step_backoff.failed(name, call.request.source, call.now);
    throw Problem(401, "wrong_login", "password or code is not right, or the code was used already");
  }
  call.rooms.step_backoff.succeeded(name, call.request.source);
  call.rooms.people.set_step_up(call.session->id, call.now + kStepUpSeconds);
  call.session->step_up_until = call.now + kStepUpSeconds;
  return json_response(session_json(call.rooms, call.session, call.user, call.now));
}

Response change_password(Call& call) {
  const auto& name = call.user->name;
  hold_back(call.rooms.step_backoff, call, name);
  if (!password_is_right(call, name, call.body.at("old").get<std::string>())) {
    call.rooms.step_backoff.failed(name, call.request.source, call.now);
    throw faulty("old", "is not your password");
  }
  const auto wanted = call.body.at("new").get<std::string>();
  if (wanted == call.body.at("old")) throw faulty("new", "should be another one");
  call.rooms.people.set_password(name, hash_of_password(wanted, name, "new"), false, call.session->id);
  return json_response({{"done", true}});
}

Json entry_json(const Session& one, const Call& call) {
  return {{"id", one.id},
          {"user", one.user},
          {"source", one.source},
          {"agent", one.agent},
          {"began", time_of(one.began)},
          {"seen", time_of(one.seen)},
          {"ends", time_of(one.ends)},
          {"current", call.session && call.session->id == one.id}};
}

std::optional<std::string> whose(const Call& call) {
  return call.is_owner() ? std::nullopt : std::optional(call.user->name);
}

Response list_sessions(Call& call) {
  Json list = Json::array();
  for (const auto& one : call.rooms.people.sessions(whose(call), call.rooms.facts.times, call.now))
    list.push_back(entry_json(one, call));
  return json_response({{"sessions", std::move(list)}});
}

Response end_session(Call& call) {
  if (!call.rooms.people.end_session(call.text("id"), whose(call))) throw unknown("there is no such session");
  return json_response({{"done", true}});
}

constexpr HandlerRow kRows[] = {
    {"getSession", get_session},
    {"login", login},
    {"secondFactor", second_factor},
    {"logout", logout},
    {"stepUp", step_up},
    {"changePassword", change_password},
    {"listSessions", list_sessions},
    {"endSession", end_session},
};

}  // namespace

std::span<const HandlerRow> session_handlers() {
  return kRows;
}

}  // namespace postern::admin
