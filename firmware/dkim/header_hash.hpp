// Header fields in canonical form, on their way into the hash. RFC 6376 §3.4.1, §3.4.2.
#pragma once

#include <string>
#include <string_view>

#include "firmware/dkim/body_hash.hpp"

namespace postern::dkim {

// One whole field, folds and line end included, in canonical form; `raw` may lack its line end. The result
// ends in CRLF.
std::string canonical_field(std::string_view raw, Canonical form);

// Feeds the fields that `names` lists (a colon between them), each name's fields from the last to the first
// (RFC 6376 §5.4.2); a name whose fields are used up stands for nothing.
void hash_fields(Hasher& hash, std::string_view header_section, std::string_view names, Canonical form);

}  // namespace postern::dkim
