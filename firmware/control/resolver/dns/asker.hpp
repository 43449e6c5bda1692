// Who can be asked a DNS question. The lookups know only this; behind it is the library, or a test's script.
#pragma once

#include <functional>
#include <string>

#include "firmware/control/resolver/dns/answer.hpp"

namespace postern::resolver {

class Asker {
 public:
  using Done = std::function<void(Answer)>;

  virtual ~Asker() = default;
  // `done` is called once, later, never from inside ask(), on the same thread; not at all where the asker is
  // destroyed before.
  virtual void ask(const std::string& name, Type type, Done done) = 0;
};

}  // namespace postern::resolver
