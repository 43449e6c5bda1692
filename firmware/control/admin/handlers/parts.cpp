// What several handlers do: see the header.
#include "firmware/control/admin/handlers/parts.hpp"

#include <qrencode.h>

#include <memory>

#include "firmware/control/admin/people/totp.hpp"
#include "platform/password/password.hpp"

namespace postern::admin {

void hold_back(const Backoff& backoff, const Call& call, const std::string& account) {
  const auto wait = backoff.wait(account, call.request.source, call.now);
  if (wait > 0)
    throw Problem(429, "too_many", "too many wrong tries: wait " + std::to_string(wait) + " s", {},
                  static_cast<int>(wait));
}

bool second_factor_is_right(Call& call) {
  auto& people = call.rooms.people;
  const auto& user = call.session->user;
  if (const auto code = call.body.find("code"); code != call.body.end())
    return people.use_code(user, code->get_ref<const std::string&>(), call.now);
  if (const auto code = call.body.find("recovery_code"); code != call.body.end())
    return people.use_recovery_code(user, code->get_ref<const std::string&>());
  throw faulty("code", "is missing");
}

Response become_full(Call& call, const std::string& user) {
  auto& people = call.rooms.people;
  people.note_login(user, call.request.source, call.now);
  const auto secret = people.renew_session(call.session->id, user, "full");
  // Who has just shown password and code need not do so again at once.
  people.set_step_up(call.session->id, call.now + kStepUpSeconds);
  call.session = people.session(secret, call.rooms.facts.times, call.now);
  call.user = people.user(user);
  auto response = json_response(session_json(call.rooms, call.session, call.user, call.now));
  response.headers.emplace_back("Set-Cookie", cookie_of(secret));
  return response;
}

std::string hash_of_password(const std::string& password, const std::string& user, const std::string& field) {
  if (password.find(user) != std::string::npos) throw faulty(field, "should not hold the name");
  const bool one_letter = password.find_first_not_of(password[0]) == std::string::npos;
  if (one_letter) throw faulty(field, "should not be one character again and again");
  const auto hash = password::hash(password);
  if (!hash) throw Problem(503, "not_available", std::string(hash.error().reason));
  return *hash;
}

Json qr_json(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&::QRcode_free)> code(
      ::QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), ::QRcode_free);
  if (!code) return {{"size", 0}, {"rows", Json::array()}};
  const auto size = static_cast<std::size_t>(code->width);
  Json rows = Json::array();
  for (std::size_t y = 0; y < size; ++y) {
    std::string row(size, '0');
    for (std::size_t x = 0; x < size; ++x) row[x] = (code->data[y * size + x] & 1) != 0 ? '1' : '0';
    rows.push_back(std::move(row));
  }
  return {{"size", size}, {"rows", std::move(rows)}};
}

Json new_device_json(const Call& call, const std::string& user, const std::string& label,
                     const NewDevice& made) {
  const auto uri = totp_uri("Postern " + call.rooms.facts.host_name, user, made.secret);
  return {{"id", made.id}, {"label", label}, {"secret", made.secret}, {"uri", uri}, {"qr", qr_json(uri)}};
}

std::size_t most_of(const Call& call, std::size_t fallback) {
  const auto at = call.parameters.find("most");
  return at == call.parameters.end() ? fallback : at->second.get<std::size_t>();
}

Json setting_faults(const Json& faults) {
  Json list = Json::array();
  for (const auto& fault : faults) {
    if (fault.is_object())
      list.push_back({{"field", fault.value("name", "")}, {"text", fault.value("text", "")}});
    if (fault.is_string()) list.push_back({{"field", ""}, {"text", fault}});
  }
  return list;
}

}  // namespace postern::admin
