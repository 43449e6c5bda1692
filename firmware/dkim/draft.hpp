// The DKIM-Signature field of one message, in two steps, so that the private-key operation may happen
// elsewhere and later: draft() says everything but the signature, complete() puts the signature in.
//
//   auto d = draft(header_section, body_hash.finish(), claims);  // on the core
//   auto s = key.sign(d->digest);                                // here, or on a helper thread
//   std::string field = complete(*d, *s);                        // goes in front of the message
//
// RFC 6376 §3.5, §3.7, §5.4.
#pragma once

#include <string>
#include <string_view>

#include "firmware/dkim/body_hash.hpp"
#include "firmware/dkim/key.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::dkim {

// What a signature says. Domain and selector in ASCII (A-labels), lower case.
struct Claims {
  std::string_view domain;    // d=
  std::string_view selector;  // s=
  std::string_view identity;  // i=; empty: left out, which means "@" and the domain
  Algorithm algorithm = Algorithm::rsa_sha256;
  Canonical header = Canonical::relaxed;
  Canonical body = Canonical::relaxed;  // the form the body hash was made in
  WallTime now{};                       // t=
  Duration lifetime{0};                 // x= is t= and this; 0: no x=
};

struct Draft {
  std::string field;  // "DKIM-Signature: ... b=", without a line end
  Digest digest;      // what the key signs
};

// `header_section` as the message will be sent, with or without the blank line. Errors: no From field, or
// more than one (RFC 5322 §3.6; signing such a message vouches for whichever a reader is shown, RFC 6376
// §8.15); claims that cannot be (domain or selector empty).
Result<Draft> draft(std::string_view header_section, const Digest& body, const Claims& claims);

// The field with its signature, folded, ending in CRLF.
std::string complete(const Draft& draft, const Signature& signature);

// Of the header fields that exist, those that are signed; see fields.cpp for the table.
std::string signed_fields(std::string_view header_section);

}  // namespace postern::dkim
