// The people who may log in, as owners see and change them.
#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/people/secrets.hpp"

namespace postern::admin {

namespace {

constexpr std::size_t kPasswordGroups = 4;

Json user_json(const User& user) {
  return {{"name", user.name},
          {"role", user.role},
          {"full_name", user.full_name},
          {"created", time_of(user.created)},
          {"devices", user.devices},
          {"recovery_codes_left", user.recovery_codes},
          {"must_change_password", user.must_change_password},
          {"sessions", user.sessions},
          {"last_login", time_or_null(user.last_login)},
          {"last_source", user.last_source.empty() ? Json() : Json(user.last_source)}};
}

User known_user(Call& call) {
  auto user = call.rooms.people.user(call.text("name"));
  if (!user) throw unknown("there is nobody with this name");
  return *user;
}

void settle(People::Changed changed) {
  if (changed == People::Changed::no_such_user) throw unknown("there is nobody with this name");
  if (changed == People::Changed::last_owner)
    throw Problem(409, "failed", "this is the last owner: make somebody else an owner first");
}

Response list_users(Call& call) {
  Json list = Json::array();
  for (const auto& user : call.rooms.people.users()) list.push_back(user_json(user));
  return json_response({{"users", std::move(list)}});
}

Response add_user(Call& call) {
  User user;
  user.name = call.subject = call.body.at("name").get<std::string>();
  user.role = call.body.at("role");
  user.full_name = call.body.value("full_name", "");
  user.created = call.now;
  const bool given = call.body.contains("password");
  const auto password = given ? call.body["password"].get<std::string>() : make_words(kPasswordGroups);
  // Whoever made the password, it was not the person.
  user.must_change_password = true;
  if (!call.rooms.people.add_user(user, hash_of_password(password, user.name, "password")))
    throw Problem(409, "faults", "the name is taken", {{"name", "is taken"}});
  Json json{{"user", user_json(*call.rooms.people.user(user.name))}};
  if (!given) json["password"] = password;
  return json_response(json);
}

Response get_user(Call& call) {
  return json_response(user_json(known_user(call)));
}

Response change_user(Call& call) {
  const auto optional = [&](const char* name) {
    return call.body.contains(name) ? std::optional(call.body[name].get<std::string>()) : std::nullopt;
  };
  settle(call.rooms.people.change_user(call.text("name"), optional("role"), optional("full_name")));
  return json_response(user_json(known_user(call)));
}

Response remove_user(Call& call) {
  settle(call.rooms.people.remove_user(call.text("name")));
  return json_response({{"done", true}});
}

Response reset_user(Call& call) {
  const auto user = known_user(call);
  const auto password = make_words(kPasswordGroups);
  call.rooms.people.set_password(user.name, hash_of_password(password, user.name, "password"), true);
  if (call.body.value("second_factor", false)) call.rooms.people.forget_second_factor(user.name);
  return json_response({{"password", password}});
}

constexpr HandlerRow kRows[] = {
    {"listUsers", list_users},   {"addUser", add_user},       {"getUser", get_user},
    {"changeUser", change_user}, {"removeUser", remove_user}, {"resetUser", reset_user},
};

}  // namespace

std::span<const HandlerRow> user_handlers() {
  return kRows;
}

}  // namespace postern::admin
