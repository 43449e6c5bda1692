// Asks one name with a root key that is kept up to date (RFC 5011) and says what came of it; the test sets
// the clock this program sees.
//
//   anchor-driver ROOT-ADDRESS@PORT KEY-FILE NAME
#include <cstdio>
#include <cstring>

#include "firmware/control/resolver/lookup.hpp"

int main(int argc, char** argv) {
  using namespace postern;
  if (argc != 4) return 2;
  resolver::LookupOptions options;
  options.rules.mta_sts = false;
  options.dns.roots = {argv[1]};
  options.dns.anchor_file = argv[2];
  const auto lookups = resolver::Lookups::create(options);
  if (!lookups) return std::fprintf(stderr, "%s\n", lookups.error().reason.c_str()), 1;
  const auto found = (*lookups)->answer(argv[3], resolver::Type::a);
  std::printf("%s %s\n",
              found.answer.secure()                              ? "secure"
              : found.answer.security == policy::Security::bogus ? "bogus"
              : found.answer.known()                             ? "insecure"
                                                                 : "failed",
              found.trail.empty() ? "" : found.trail.front().c_str());
  return 0;
}
