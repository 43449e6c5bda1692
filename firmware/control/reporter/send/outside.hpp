// What the sender needs of the world: DNS, HTTPS and a way for mail. Tests put their own in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/reporter/report/rua.hpp"
#include "firmware/policy/facts.hpp"

namespace postern::reporter {

struct Texts {
  bool known = false;  // false: it could not be asked, `why` says why
  std::vector<std::string> texts;
  std::string why;
};

// How handing a report over went.
struct Handed {
  enum class Kind : std::uint8_t { accepted, later, refused } kind = Kind::later;
  std::string note;  // for people, one line
};

struct OutgoingMail {
  std::string from;
  std::string to;
  std::string message;
};

class Outside {
 public:
  virtual ~Outside() = default;
  // TXT records of that name.
  virtual Texts texts(const std::string& name) = 0;
  // What is known of a recipient domain, for the text of its policies; nothing where that is not known.
  virtual std::optional<policy::Facts> facts(const std::string& domain) = 0;
  virtual Handed post(const Rua& rua, std::string_view packed) = 0;
  // Accepted: it is on disk in the queue, whose retries it gets.
  virtual Handed mail(const OutgoingMail& mail) = 0;
  // Uniform in [0, limit).
  virtual std::uint64_t random(std::uint64_t limit) = 0;
};

}  // namespace postern::reporter
