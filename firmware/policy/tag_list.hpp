// "v=X; name=value; name=value": the form that the TXT records of MTA-STS and TLSRPT share. RFC 8461 §3.1,
// RFC 8460 §3.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::policy {

struct Tag {
  std::string_view name;
  std::string_view value;
};

// A field whose value has a syntax of its own.
struct OwnField {
  std::string_view name;
  bool (*value_is_good)(std::string_view);
};

// The fields in the order of the record, the version left out. Strict: a field that is neither `own` nor a
// well-formed extension spoils the record. Views into `record`.
Result<std::vector<Tag>> parse_tag_list(std::string_view record, std::string_view version,
                                        const OwnField& own);

// The one of several TXT records that counts: those that do not begin with "<version>;" are not looked at,
// and more than one of the others is as good as none (RFC 8461 §3.1, RFC 8460 §3). Null: none begins like
// that.
Result<const std::string*> only_record(std::span<const std::string> records, std::string_view version);

// ext-name of both ABNFs: (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
bool is_extension_name(std::string_view name);

// Blanks and tabs from both ends.
std::string_view trimmed(std::string_view text);

}  // namespace postern::policy
