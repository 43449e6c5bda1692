// One's own TOTP devices and recovery codes.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

constexpr std::size_t kMostDevices = 10;

Response list_totp(Call& call) {
  Json list = Json::array();
  for (const auto& one : call.rooms.people.devices(call.user->name))
    list.push_back({{"id", one.id},
                    {"label", one.label},
                    {"added", time_of(one.added)},
                    {"confirmed", one.confirmed},
                    {"used", time_or_null(one.used)}});
  return json_response({{"devices", std::move(list)}, {"recovery_codes_left", call.user->recovery_codes}});
}

Response add_totp(Call& call) {
  const auto& user = call.user->name;
  if (call.rooms.people.devices(user).size() >= kMostDevices)
    throw Problem(409, "failed", "ten devices are enough: remove one first");
  const auto label = call.body.at("label").get<std::string>();
  call.subject = label;
  const auto made = call.rooms.people.add_device(user, label, call.now);
  return json_response(new_device_json(call, user, label, made));
}

Response confirm_totp(Call& call) {
  auto& people = call.rooms.people;
  const auto user = call.user->name;
  hold_back(call.rooms.backoff, call, user);
  if (!people.confirm_device(user, call.text("id"), call.body.at("code").get<std::string>(), call.now)) {
    call.rooms.backoff.failed(user, call.request.source, call.now);
    throw faulty("code", "is not right; is the clock of the device right?");
  }
  Json json{{"done", true}};
  if (call.user->recovery_codes == 0) json["recovery_codes"] = people.make_recovery_codes(user);
  if (call.session->state != "enrol") return json_response(json);
  call.rooms.backoff.succeeded(user, call.request.source);
  auto response = become_full(call, user);
  response.body = json_response(json).body;
  return response;
}

Response remove_totp(Call& call) {
  using Removed = People::Removed;
  const auto removed = call.rooms.people.remove_device(call.user->name, call.text("id"));
  if (removed == Removed::no_such_device) throw unknown("there is no such device");
  if (removed == Removed::last_one)
    throw Problem(409, "failed", "this is your last device: add another one first");
  return json_response({{"done", true}});
}

Response new_recovery_codes(Call& call) {
  return json_response({{"codes", call.rooms.people.make_recovery_codes(call.user->name)}});
}

constexpr HandlerRow kRows[] = {
    {"listTotp", list_totp},
    {"addTotp", add_totp},
    {"confirmTotp", confirm_totp},
    {"removeTotp", remove_totp},
    {"newRecoveryCodes", new_recovery_codes},
};

}  // namespace

std::span<const HandlerRow> me_handlers() {
  return kRows;
}

}  // namespace postern::admin
