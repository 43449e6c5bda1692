// Which header fields are signed. RFC 6376 §5.4, §5.4.1.
//
// A field that is named once more than it occurs cannot be added later without breaking the signature
// (RFC 6376 §5.4, §8.15). What a reader is shown, or what decides how the body is shown, is named so even
// where it is absent. What mailing lists and relays may well add (Sender, List-*) is signed only where it
// is. Trace fields and what receivers write are never signed.
#include <algorithm>
#include <array>
#include <cstdint>

#include "firmware/dkim/draft.hpp"
#include "firmware/mail/header.hpp"
#include "firmware/mail/text.hpp"

namespace postern::dkim {
namespace {

enum class How : std::uint8_t {
  sealed,     // named once more than it occurs, present or not
  if_sealed,  // the same, but only where it is present
  present,    // named as often as it occurs
};

struct Row {
  std::string_view name;
  How how;
};

constexpr auto kTable = std::to_array<Row>({
    {"From", How::sealed},
    {"To", How::sealed},
    {"Cc", How::sealed},
    {"Subject", How::sealed},
    {"Date", How::sealed},
    {"Reply-To", How::sealed},
    {"Message-ID", How::if_sealed},
    {"MIME-Version", How::if_sealed},
    {"Content-Type", How::if_sealed},
    {"Content-Transfer-Encoding", How::if_sealed},
    {"Content-ID", How::present},
    {"Content-Disposition", How::present},
    {"Content-Description", How::present},
    {"Sender", How::present},
    {"In-Reply-To", How::present},
    {"References", How::present},
    {"Auto-Submitted", How::present},
    {"TLS-Required", How::present},       // RFC 8689 §5
    {"TLS-Report-Domain", How::present},  // RFC 8460 §5.3
    {"TLS-Report-Submitter", How::present},
    {"Resent-Date", How::present},
    {"Resent-From", How::present},
    {"Resent-To", How::present},
    {"Resent-Cc", How::present},
    {"Resent-Message-ID", How::present},
    {"List-Id", How::present},
    {"List-Help", How::present},
    {"List-Unsubscribe", How::present},
    {"List-Unsubscribe-Post", How::present},  // RFC 8058 §4 asks for it
    {"List-Subscribe", How::present},
    {"List-Post", How::present},
    {"List-Owner", How::present},
    {"List-Archive", How::present},
});

// More than so many of one field are no mail; the rest stays unsigned.
constexpr std::size_t kMostAlike = 20;

}  // namespace

std::string signed_fields(std::string_view header_section) {
  std::array<std::size_t, kTable.size()> counts{};
  mail::HeaderReader reader(header_section);
  for (mail::HeaderField field; reader.next(field);) {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
      if (mail::equals_ignoring_case(kTable[i].name, field.name)) ++counts[i];
    }
  }
  std::string names;
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    const auto how = kTable[i].how;
    const bool sealed = how == How::sealed || (how == How::if_sealed && counts[i] != 0);
    const auto times = std::min(counts[i], kMostAlike) + (sealed ? 1 : 0);
    for (std::size_t k = 0; k < times; ++k) {
      if (!names.empty()) names += ':';
      names += kTable[i].name;
    }
  }
  return names;
}

}  // namespace postern::dkim
