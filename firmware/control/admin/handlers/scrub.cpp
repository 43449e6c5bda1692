// Takes people and secrets out: see the header.
#include "firmware/control/admin/handlers/scrub.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace postern::admin {

namespace {

// By the last word of a name.
constexpr std::array<std::string_view, 9> kHidden{"users", "known", "password", "passphrase", "secret",
                                                  "token", "key",   "hash",     "relays"};

bool is_hidden(const std::string& name) {
  const auto dot = name.rfind('.');
  const auto last = dot == std::string::npos ? name : name.substr(dot + 1);
  return std::find(kHidden.begin(), kHidden.end(), last) != kHidden.end();
}

bool in_local_part(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0 ||
         std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

}  // namespace

std::string scrubbed_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      while (!out.empty() && in_local_part(out.back())) out.pop_back();
      out += "(somebody)";
    }
    out.push_back(c);
  }
  return out;
}

Json scrubbed(Json json) {
  if (json.is_string()) return scrubbed_text(json.get<std::string>());
  if (json.is_array()) {
    for (auto& one : json) one = scrubbed(std::move(one));
  }
  if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      const bool empty = value.is_string() && value.get_ref<const std::string&>().empty();
      if (is_hidden(name) && !value.is_object() && !value.is_number() && !empty) {
        value = "(left out)";
      } else {
        value = scrubbed(std::move(value));
      }
    }
  }
  return json;
}

}  // namespace postern::admin
