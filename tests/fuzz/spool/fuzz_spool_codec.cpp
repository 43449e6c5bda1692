// Envelopes and delivery states of any bytes: what is read once is written and read again the same.
#include <cstdlib>
#include <vector>

#include "firmware/spool/codec.hpp"

using namespace postern;
using namespace postern::spool;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mail::Envelope envelope;
  if (read_envelope({data, size}, envelope)) {
    std::vector<std::uint8_t> again(envelope_size(envelope));
    write_envelope(again.data(), envelope);
    mail::Envelope back;
    if (!read_envelope(again, back) || back.recipients.size() != envelope.recipients.size()) std::abort();
    if (!(back.sender == envelope.sender) || back.helo != envelope.helo) std::abort();
  }
  Progress progress;
  if (read_progress({data, size}, progress)) {
    std::vector<std::uint8_t> again(size + 64);
    const auto used = write_progress(again, progress, true);
    Progress back;
    if (used == 0 || !read_progress(Bytes(again).first(used), back)) std::abort();
    if (back.verdicts.size() != progress.verdicts.size() || back.next != progress.next) std::abort();
  }
  return 0;
}
