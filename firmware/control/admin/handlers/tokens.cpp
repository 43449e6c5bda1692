// Tokens for programs.
#include <algorithm>

#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/people/secrets.hpp"

namespace postern::admin {

namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::size_t kMostTokens = 200;

Json words_of(const std::string& scope) {
  Json list = Json::array();
  for (std::size_t at = 0; at < scope.size();) {
    const auto end = std::min(scope.find(' ', at), scope.size());
    list.push_back(scope.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

std::optional<std::string> whose(const Call& call, bool auditors_too) {
  const bool all = call.is_owner() || (auditors_too && call.user->role == "auditor");
  return all ? std::nullopt : std::optional(call.user->name);
}

Response list_tokens(Call& call) {
  Json list = Json::array();
  for (const auto& one : call.rooms.people.tokens(whose(call, true)))
    list.push_back({{"id", one.id},
                    {"label", one.label},
                    {"user", one.user},
                    {"scope", words_of(one.scope)},
                    {"created", time_of(one.created)},
                    {"expires", time_of(one.expires)},
                    {"used", time_or_null(one.used)},
                    {"source", one.source.empty() ? Json() : Json(one.source)}});
  return json_response({{"tokens", std::move(list)}});
}

Response add_token(Call& call) {
  if (call.rooms.people.tokens(call.user->name).size() >= kMostTokens)
    throw Problem(409, "failed", "you have two hundred tokens: revoke some first");
  Token token;
  token.id = make_id();
  token.user = call.user->name;
  token.label = call.subject = call.body.at("label").get<std::string>();
  token.expires = call.now + call.body.at("days").get<std::int64_t>() * kDay;
  for (const auto& scope : call.body.at("scope"))
    token.scope += (token.scope.empty() ? "" : " ") + scope.get<std::string>();
  const auto secret = call.rooms.people.add_token(token, call.now);
  return json_response({{"id", token.id}, {"token", secret}, {"expires", time_of(token.expires)}});
}

Response remove_token(Call& call) {
  if (!call.rooms.people.remove_token(call.text("id"), whose(call, false)))
    throw unknown("there is no such token");
  return json_response({{"done", true}});
}

constexpr HandlerRow kRows[] = {
    {"listTokens", list_tokens}, {"addToken", add_token}, {"removeToken", remove_token}};

}  // namespace

std::span<const HandlerRow> token_handlers() {
  return kRows;
}

}  // namespace postern::admin
