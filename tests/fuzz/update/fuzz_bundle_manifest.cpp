// Manifests and names of slots: any text ends in a value that is written as it was read, or in one line.
#include <cstdint>
#include <cstdlib>

#include "firmware/control/update/bundle/manifest.hpp"
#include "platform/slots/record.hpp"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto manifest = control::update::parse_manifest(text)) {
    const auto again = control::update::parse_manifest(manifest->text());
    if (!again || again->text() != manifest->text()) std::abort();
  } else if (manifest.error().reason.empty() || manifest.error().reason.find('\n') != std::string::npos) {
    std::abort();
  }
  if (const auto entry = slots::parse_entry(text)) {
    if (slots::parse_entry(slots::file_name(*entry)) != *entry) std::abort();
  }
  const auto record = slots::Record::parse(text);
  if (slots::Record::parse(record.text()).text() != record.text()) std::abort();
  return 0;
}
