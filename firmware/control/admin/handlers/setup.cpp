// First boot: from the code on the console to an owner with a second factor, and from there to a working
// domain. Every step is one request, so a script can do it as well as the pages.
#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "firmware/control/admin/people/totp.hpp"

namespace postern::admin {

namespace {

void must_be_needed(const Call& call) {
  if (call.rooms.people.any_owner()) throw Problem(409, "failed", "this box is set up already: log in");
}

std::string step_of(const Call& call) {
  if (!call.session) return "code";
  return call.session->state == "full" ? "box" : "owner";
}

// Names of the board's ports that carry mail.
Json ports(Call& call) {
  try {
    return call.rooms.door.ask({{"command", "status"}}).value("ports", Json::array());
  } catch (const Problem&) {
    return Json::array();  // the page then leaves addresses for later
  }
}

Response get_setup(Call& call) {
  const bool needed = !call.rooms.people.any_owner();
  Json json{{"needed", needed}, {"version", POSTERN_VERSION}};
  if (!needed && !call.session) return json_response(json);
  json["step"] = step_of(call);
  json["fingerprint"] = call.rooms.facts.fingerprint;
  json["ports"] = ports(call);
  return json_response(json);
}

Response claim(Call& call) {
  must_be_needed(call);
  call.who = "first boot";
  hold_back(call.rooms.backoff, call, "first boot");
  if (!call.rooms.first_code.fits(call.body.at("code").get<std::string>())) {
    call.rooms.backoff.failed("first boot", call.request.source, call.now);
    throw Problem(401, "wrong_code", "this is not the code that the console shows",
                  {{"code", "is not the one that the console shows"}});
  }
  Session session;
  session.state = "setup";
  session.source = call.request.source;
  session.agent = std::string(call.request.header("user-agent"));
  const auto secret = call.rooms.people.add_session(session, call.rooms.facts.times, call.now);
  call.session = call.rooms.people.session(secret, call.rooms.facts.times, call.now);
  auto response = json_response(session_json(call.rooms, call.session, {}, call.now));
  response.headers.emplace_back("Set-Cookie", cookie_of(secret));
  return response;
}

Response make_owner(Call& call) {
  must_be_needed(call);
  PendingOwner owner;
  owner.name = call.who = call.body.at("name").get<std::string>();
  owner.full_name = call.body.value("full_name", "");
  owner.label = call.body.value("label", "first device");
  owner.password_hash = hash_of_password(call.body.at("password").get<std::string>(), owner.name, "password");
  const auto secret = make_secret();
  owner.totp_secret = base32(as_bytes(std::string_view(secret).substr(0, kTotpSecretBytes)));
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) owner.recovery_codes.push_back(make_words(4));
  call.rooms.first_code.set_pending(call.session->id, owner);
  const NewDevice made{"first", owner.totp_secret};
  return json_response({{"user", owner.name},
                        {"totp", new_device_json(call, owner.name, owner.label, made)},
                        {"recovery_codes", owner.recovery_codes}});
}

Response confirm_owner(Call& call) {
  must_be_needed(call);
  const auto owner = call.rooms.first_code.pending(call.session->id);
  if (!owner) throw Problem(409, "failed", "say first who the owner is");
  call.who = owner->name;
  hold_back(call.rooms.backoff, call, "first boot");
  const auto raw = base32_decoded(owner->totp_secret).value_or("");
  const auto step = matching_step(as_bytes(raw), call.body.at("code").get<std::string>(), call.now, 0);
  if (!step) {
    call.rooms.backoff.failed("first boot", call.request.source, call.now);
    throw faulty("code", "is not right; is the clock of the device right?");
  }
  auto& people = call.rooms.people;
  User user;
  user.name = owner->name;
  user.role = "owner";
  user.full_name = owner->full_name;
  user.created = call.now;
  if (!people.add_user(user, owner->password_hash)) throw Problem(409, "failed", "the name is taken");
  people.add_confirmed_device(user.name, owner->label, owner->totp_secret, *step, call.now);
  people.set_recovery_codes(user.name, owner->recovery_codes);
  call.rooms.first_code.remove();
  return become_full(call, user.name);
}

Json wanted_settings(const Json& body) {
  Json values = Json::object();
  values["host_name"] = body.at("host_name");
  values["domains.served"] = body.at("domains");
  values["office.servers"] = body.at("office_servers");
  if (body.contains("recipients")) values["recipients.verify"] = body["recipients"];
  for (const auto& port : body.value("interfaces", Json::array())) {
    const auto front = "interface." + port.at("port").get<std::string>() + ".";
    values[front + "addresses"] = port.at("addresses");
    for (const auto* gateway : {"gateway4", "gateway6"}) {
      if (port.contains(gateway)) values[front + gateway] = port[gateway];
    }
  }
  const auto more = body.value("more", Json::object());
  for (const auto& [name, value] : more.items()) values[name] = value;
  return values;
}

Response set_up_box(Call& call) {
  const bool dry = call.silent = call.body.value("dry_run", false);
  const auto set = call.ask({{"command", "settings.set"}, {"values", wanted_settings(call.body)}});
  const auto checked = call.ask({{"command", "settings.check"}});
  Json json{{"faults", setting_faults(checked.value("faults", Json::array()))},
            {"committed", false},
            {"changes", set.value("changes", 0)},
            {"warnings", checked.value("warnings", Json::array())}};
  if (!json["faults"].empty() || dry) {
    if (dry) call.ask({{"command", "settings.discard"}});
    return json_response(json);
  }
  if (set.value("changes", 0) == 0) {  // what is wanted is in force already
    json["committed"] = true;
    json["generation"] = call.ask({{"command", "settings.state"}}).value("running", 0);
    json["waiting_for_restart"] = Json::array();
    return json_response(json);
  }
  Json commit{{"command", "settings.commit"}, {"comment", call.body.value("comment", "first set-up")}};
  if (const auto minutes = call.body.value("confirm_minutes", 0); minutes != 0)
    commit["confirm_minutes"] = minutes;
  const auto done = call.ask(commit);
  json["committed"] = true;
  json["generation"] = done.value("generation", 0);
  json["waiting_for_restart"] = done.value("waiting_for_restart", Json::array());
  return json_response(json);
}

constexpr HandlerRow kRows[] = {
    {"getSetup", get_setup},         {"claimSetup", claim},    {"setupOwner", make_owner},
    {"confirmOwner", confirm_owner}, {"setupBox", set_up_box},
};

}  // namespace

std::span<const HandlerRow> setup_handlers() {
  return kRows;
}

}  // namespace postern::admin
