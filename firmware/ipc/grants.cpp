// What the keystore gives out: see the header.
#include "firmware/ipc/grants.hpp"

#include <strings.h>

#include <array>

#include "firmware/ipc/codec.hpp"

namespace postern::ipc {

namespace {

constexpr std::uint32_t kMagic = 0x50475254;  // "PGRT"
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kMostGrants = 1'000'000;
constexpr std::size_t kMostWord = 255;
constexpr std::size_t kMostPem = 16u << 20;
constexpr std::uint8_t kReportsOnly = 1;

}  // namespace

const Grant* Grants::find(GrantKind kind, std::string_view name) const {
  for (const auto& one : all) {
    if (one.kind == kind && one.name == name) return &one;
  }
  return nullptr;
}

const Grant* Grants::signing(std::string_view family) const {
  for (const auto& one : all) {
    if (one.kind == GrantKind::dkim && one.family == family) return &one;
  }
  return nullptr;
}

void Grants::wipe() {
  for (auto& one : all) ::explicit_bzero(one.key.data(), one.key.size());
  all.clear();
}

std::vector<std::uint8_t> write_grants(const Grants& grants) {
  Writer writer;
  writer.number(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint32_t>(grants.all.size()));
  for (const auto& one : grants.all) {
    writer.number(static_cast<std::uint8_t>(one.kind));
    writer.number(one.tls_reports_only ? kReportsOnly : std::uint8_t{0});
    for (const auto* text : {&one.name, &one.domain, &one.selector, &one.family, &one.chain, &one.key})
      writer.text(*text);
  }
  return writer.take();
}

Result<Grants> read_grants(Bytes block) {
  Reader reader(block);
  if (reader.number<std::uint32_t>() != kMagic || reader.number<std::uint32_t>() != kVersion)
    return fail("the grants do not begin as grants of this version do");
  const auto count = reader.number<std::uint32_t>();
  if (count > kMostGrants) return fail("the grants are more than can be");
  Grants grants;
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    Grant one;
    const auto kind = reader.number<std::uint8_t>();
    one.kind = static_cast<GrantKind>(kind);
    one.tls_reports_only = reader.number<std::uint8_t>() == kReportsOnly;
    for (auto* text : {&one.name, &one.domain, &one.selector, &one.family}) *text = reader.text(kMostWord);
    one.chain = reader.text(kMostPem);
    one.key = reader.text(kMostPem);
    const bool known = kind >= static_cast<std::uint8_t>(GrantKind::tls) &&
                       kind <= static_cast<std::uint8_t>(GrantKind::pepper);
    grants.all.push_back(std::move(one));
    if (!known) break;
    if (i + 1 == count && reader.complete()) return grants;
  }
  const bool empty = count == 0 && reader.complete();
  if (!empty) grants.wipe();
  if (!empty) return fail("the grants are cut short, too long, or of an unknown kind");
  return grants;
}

}  // namespace postern::ipc
