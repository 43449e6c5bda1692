// Whether a client's certificate counts as a login, and whose. RFC 8446 §4.4.2.4: what it is worth is ours to
// say.
//
// A pinned one counts by itself. Any other counts where an authority of ours vouches for it, and where the one
// it names may send.
#pragma once

#include <string_view>

#include "firmware/shard/counters.hpp"
#include "firmware/shard/settings.hpp"
#include "firmware/tls/session.hpp"

namespace postern::shard {

struct Standing {
  std::string_view user;               // whom it stands for; empty: it counts for nothing
  std::string_view trouble;            // why not; static text, empty where none was sent
  Counter Counters::*counter = nullptr;  // to be counted; null: nothing
};

// Texts live as long as the arguments.
Standing standing_of(const tls::ClientCertificate& certificate, const SubmissionSettings& settings);

}  // namespace postern::shard
