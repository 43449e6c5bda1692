// The names of settings as the door tells them: for completion, for help, and to know which are secret. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

struct Known {
  std::string name;  // "interface.<port>.addresses"
  std::string type;
  std::string help;
  std::string unit;
  std::string fits;
  std::vector<std::string> choices;
  bool list = false;
  bool secret = false;
};

class Vocabulary {
 public:
  // The answer to settings.schema. What has the wrong form is left out.
  void learn(const Json& answer);
  // Names that are set: they stand for patterns, and tell which ports there are.
  void learn_values(const Json& answer);
  bool empty() const { return all_.empty(); }

  const Known* find(std::string_view name) const;
  // Must not be echoed or kept. A name that is not known is judged by its words: better careful.
  bool secret(std::string_view name) const;
  // Names that begin so, one step of dots at a time.
  std::vector<Candidate> names(std::string_view partial, std::string_view front) const;
  std::vector<Candidate> values(std::string_view name, std::string_view partial) const;

 private:
  std::vector<std::string> spellings(const Known& known) const;

  std::vector<Known> all_;
  std::vector<std::string> places_;  // what may stand for <port>
};

// Whether `name` is one of `pattern`: "<port>" stands for one step.
bool is_of(std::string_view name, std::string_view pattern);

}  // namespace postern::control::console
