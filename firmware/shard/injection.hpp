// Mail that the box itself writes, on its way into the queue, and what became of it.
#pragma once

#include <cstdint>

#include "firmware/mail/envelope.hpp"
#include "platform/base/bytes.hpp"

namespace postern::shard {

// Stays where it is, unchanged, until its answer is out.
struct Injection {
  std::uint64_t ticket = 0;
  mail::Envelope envelope;
  Bytes message;  // line ends CRLF, no dot stuffing
};

struct Injected {
  std::uint64_t ticket = 0;
  enum class Kind : std::uint8_t { stored, later, never } kind = Kind::later;
  const char* why = "";  // lives for ever
};

}  // namespace postern::shard
