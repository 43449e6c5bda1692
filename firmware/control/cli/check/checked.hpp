// What every check ends in: good, bad or not to be told, as lines for people and as one JSON object.
#pragma once

#include <string>
#include <vector>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"

namespace postern::control::cli {

inline constexpr int kGood = 0;
inline constexpr int kBad = 1;
inline constexpr int kCannotTell = 2;

struct Checked {
  struct Line {
    std::string text;
    Colour colour = Colour::none;
  };
  int status = kGood;
  std::string verdict;  // one sentence
  Json json = Json::object();
  std::vector<Line> lines;

  void say(std::string text, Colour colour = Colour::none) { lines.push_back({std::move(text), colour}); }
  // The worse of the two statuses stays; what is bad is worse than what cannot be told.
  void worsen(int other);
};

Checked good(std::string verdict);
Checked bad(std::string verdict);
Checked cannot_tell(std::string verdict);

// Prints it and gives the exit status.
int show(const Invocation& invocation, const Checked& checked);

// The checks that need no network.
Checked check_mta_sts_record(const std::string& text);
Checked check_mta_sts_policy(const std::string& text);
Checked check_mx_match(const std::string& pattern, const std::string& name);
Checked check_tlsrpt_record(const std::string& text);
Checked check_tlsrpt_report(const std::string& content);

// And those that do.
Checked check_policy(const Invocation& invocation, const std::string& domain);
Checked check_dane(const Invocation& invocation, const std::string& host);
Checked probe_domain(const Invocation& invocation, const std::string& domain);

}  // namespace postern::control::cli
