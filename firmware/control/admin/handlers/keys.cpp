// Keys and certificates: the verbs keys.* of control's door. The private half comes in and never goes out.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

Json with_command(Json question, const char* command) {
  question["command"] = command;
  return question;
}

// The document's fields to the door's: "id" of the path is the entry's name there.
Json named(Call& call, const char* command) {
  auto question = call.body.is_object() ? call.body : Json::object();
  question["name"] = call.text("name");
  return with_command(std::move(question), command);
}

Response list(Call& call) {
  auto answer = call.ask({{"command", "keys.list"}});
  try {
    answer["master"] = call.ask({{"command", "keys.state"}});
  } catch (const Problem&) {
    // The list is worth showing without it.
  }
  return json_response(answer);
}

Response show(Call& call) {
  return json_response(call.ask(named(call, "keys.show")));
}

Response make(Call& call) {
  call.subject = call.body.at("name").get<std::string>();
  return json_response(call.ask(with_command(call.body, "keys.make")));
}

Response upload(Call& call) {
  call.subject = call.body.at("name").get<std::string>();
  return json_response(call.ask(with_command(call.body, "keys.upload")));
}

Response csr(Call& call) {
  return json_response(call.ask(named(call, "keys.csr")));
}

Response self_signed(Call& call) {
  return json_response(call.ask(named(call, "keys.selfsigned")));
}

Response rotate(Call& call) {
  return json_response(call.ask(named(call, "keys.rotate")));
}

Response erase(Call& call) {
  auto question = named(call, "keys.delete");
  question["sure"] = true;
  auto answer = call.ask(std::move(question));
  answer["done"] = true;
  return json_response(answer);
}

constexpr HandlerRow kRows[] = {
    {"listKeys", list},    {"getKey", show},     {"makeKey", make},
    {"uploadKey", upload}, {"makeCsr", csr},     {"makeSelfSigned", self_signed},
    {"rotateKey", rotate}, {"deleteKey", erase},
};

}  // namespace

std::span<const HandlerRow> key_handlers() {
  return kRows;
}

}  // namespace postern::admin
