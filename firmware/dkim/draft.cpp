// The DKIM-Signature field: see the header.
#include "firmware/dkim/draft.hpp"

#include <chrono>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/header_hash.hpp"
#include "firmware/mail/header.hpp"
#include "firmware/mail/text.hpp"

namespace postern::dkim {
namespace {

constexpr std::size_t kLineLength = 76;
constexpr std::string_view kFold = "\r\n\t";

std::string_view text(Canonical form) {
  return form == Canonical::simple ? "simple" : "relaxed";
}

// A field that grows tag by tag and is folded between them.
class Folded {
 public:
  explicit Folded(std::string start) : text_(std::move(start)), column_(text_.size()) {}

  void tag(std::string_view name, std::string_view value) {
    std::string whole(name);
    whole += '=';
    whole += value;
    whole += ';';
    piece(whole, " ");
  }
  // A long list, folded after colons (RFC 6376 §3.5, h=: white space may surround them).
  void list(std::string_view name, std::string_view values) {
    std::string front = std::string(name) + "=";
    std::string_view before = " ";
    while (!values.empty()) {
      const auto colon = values.find(':');
      const bool last = colon == std::string_view::npos;
      piece(front + std::string(values.substr(0, last ? values.size() : colon + 1)) + (last ? ";" : ""),
            before);
      values.remove_prefix(last ? values.size() : colon + 1);
      front.clear();
      before = "";
    }
  }
  void raw_line(std::string_view rest) {
    text_ += kFold;
    text_ += rest;
  }
  std::string take() { return std::move(text_); }

 private:
  void piece(std::string_view piece, std::string_view before) {
    if (column_ + before.size() + piece.size() > kLineLength) {
      text_ += kFold;
      column_ = 8;
    } else {
      text_ += before;
      column_ += before.size();
    }
    text_ += piece;
    column_ += piece.size();
  }

  std::string text_;
  std::size_t column_;
};

std::int64_t seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string unsigned_field(const Claims& claims, std::string_view names, const Digest& body) {
  Folded field("DKIM-Signature: v=1;");
  field.tag("a", dkim::text(claims.algorithm));
  field.tag("c", std::string(text(claims.header)) + "/" + std::string(text(claims.body)));
  field.tag("d", claims.domain);
  field.tag("s", claims.selector);
  if (!claims.identity.empty()) field.tag("i", claims.identity);
  field.tag("t", std::to_string(seconds(claims.now)));
  if (claims.lifetime.count() > 0) field.tag("x", std::to_string(seconds(claims.now + claims.lifetime)));
  field.list("h", names);
  field.tag("bh", to_base64(body));
  field.raw_line("b=");
  return field.take();
}

std::size_t count_from(std::string_view header_section) {
  std::size_t count = 0;
  mail::HeaderReader reader(header_section);
  for (mail::HeaderField field; reader.next(field);) {
    if (mail::equals_ignoring_case(field.name, "From")) ++count;
  }
  return count;
}

}  // namespace

Result<Draft> draft(std::string_view header_section, const Digest& body, const Claims& claims) {
  if (claims.domain.empty() || claims.selector.empty())
    return fail("a signature needs a domain and a selector");
  const auto froms = count_from(header_section);
  if (froms == 0) return fail("there is no From field to sign");
  if (froms > 1) return fail("there is more than one From field");
  const auto names = signed_fields(header_section);
  Draft made;
  made.field = unsigned_field(claims, names, body);
  Hasher hash;
  hash_fields(hash, header_section, names, claims.header);
  // RFC 6376 §3.7: last comes the field itself, its signature empty, without a line end.
  const auto own = canonical_field(made.field, claims.header);
  hash.feed(std::string_view(own).substr(0, own.size() - 2));
  made.digest = hash.finish();
  return made;
}

std::string complete(const Draft& draft, const Signature& signature) {
  const auto encoded = to_base64(Bytes(signature.data(), signature.size()));
  constexpr std::size_t kPiece = 64;
  std::string field = draft.field;
  for (std::size_t at = 0; at < encoded.size(); at += kPiece) {
    if (at != 0) field += kFold;
    field += encoded.substr(at, kPiece);
  }
  return field + "\r\n";
}

}  // namespace postern::dkim
