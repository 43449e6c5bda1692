// `postern check` and `postern probe`: which check is meant.
#include <array>
#include <fstream>
#include <iterator>

#include "firmware/control/cli/check/checked.hpp"

namespace postern::control::cli {

namespace {

constexpr std::size_t kMostFile = 32u << 20;

using Words = std::vector<std::string>;

// The file's content; "-" is standard input.
Result<std::string, Fault> content_of(const std::string& file) {
  std::ifstream in(file == "-" ? "/dev/stdin" : file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && text.empty()) return fault("cannot read " + file);
  if (text.size() > kMostFile) return fault(file + " is too large");
  return text;
}

template <Checked (*check)(const std::string&)>
Checked on_file(const Invocation&, const Words& words) {
  const auto content = content_of(words[1]);
  return content ? check(*content) : cannot_tell(content.error().reason);
}

template <Checked (*check)(const std::string&)>
Checked on_text(const Invocation&, const Words& words) {
  return check(words[1]);
}

template <Checked (*check)(const Invocation&, const std::string&)>
Checked on_network(const Invocation& invocation, const Words& words) {
  return check(invocation, words[1]);
}

struct Kind {
  std::string_view name;
  std::size_t words;  // behind it
  std::string_view usage;
  Checked (*run)(const Invocation&, const Words&);
};

constexpr auto kKinds = std::to_array<Kind>({
    {"policy", 1, "check policy DOMAIN", on_network<check_policy>},
    {"dane", 1, "check dane HOST[:PORT]", on_network<check_dane>},
    {"mta-sts-record", 1, "check mta-sts-record TEXT", on_text<check_mta_sts_record>},
    {"mta-sts-policy", 1, "check mta-sts-policy FILE", on_file<check_mta_sts_policy>},
    {"mx-match", 2, "check mx-match PATTERN NAME",
     [](const Invocation&, const Words& words) { return check_mx_match(words[1], words[2]); }},
    {"tlsrpt-record", 1, "check tlsrpt-record TEXT", on_text<check_tlsrpt_record>},
    {"tlsrpt-report", 1, "check tlsrpt-report FILE", on_file<check_tlsrpt_report>},
});

}  // namespace

int check_command(const Invocation& invocation) {
  const auto& words = invocation.words;
  if (words.empty()) return complain("what is to be checked? See 'postern check --help'", kUsage);
  for (const auto& kind : kKinds) {
    if (kind.name != words[0]) continue;
    if (words.size() != kind.words + 1) return complain("usage: postern " + std::string(kind.usage), kUsage);
    return show(invocation, kind.run(invocation, words));
  }
  return complain("there is no check '" + words[0] + "'; see 'postern check --help'", kUsage);
}

int probe_command(const Invocation& invocation) {
  if (invocation.words.size() != 1) return complain("usage: postern probe DOMAIN", kUsage);
  return show(invocation, probe_domain(invocation, invocation.words[0]));
}

}  // namespace postern::control::cli
