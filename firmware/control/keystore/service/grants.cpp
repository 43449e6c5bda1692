// Who gets what: the one table. What is not in it stays here.
#include <algorithm>
#include <array>

#include "firmware/control/keystore/service/vault.hpp"

namespace postern::keystore {

namespace {

struct Row {
  std::string_view process;
  Kind kind;
  std::string_view use;
};

constexpr auto kRows = std::to_array<Row>({
    {"dataplane", Kind::tls, "mail"},
    {"dataplane", Kind::dkim, "mail"},
    {"dataplane", Kind::dkim, "reports"},
    {"dataplane", Kind::secret, "mail"},
    {"admin", Kind::tls, "web"},
    {"admin", Kind::pepper, "web"},
    {"admin", Kind::secret, "web"},
    {"reporter", Kind::secret, "reporter"},
});

bool may_have(std::string_view process, const Entry& entry) {
  return std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.process == process && row.kind == entry.kind && row.use == entry.use;
  });
}

}  // namespace

ipc::Grants Vault::grants(std::string_view process) const {
  ipc::Grants given;
  for (const auto& [name, entry] : store_.entries()) {
    if (!may_have(process, entry)) continue;
    if (entry.kind == Kind::dkim && entry.life.state != State::signing) continue;
    given.all.push_back({.kind = static_cast<ipc::GrantKind>(entry.kind),
                         .tls_reports_only = entry.use == "reports",
                         .name = name,
                         .domain = entry.domain,
                         .selector = entry.selector,
                         .family = entry.family,
                         .chain = entry.chain,
                         .key = std::string(entry.key.text())});
  }
  return given;
}

}  // namespace postern::keystore
