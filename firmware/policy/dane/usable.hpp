// Which TLSA records count for SMTP, and which of several to go by. RFC 6698 §2.1, RFC 7671 §9, RFC 7672
// §3.1.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "firmware/policy/encoding.hpp"
#include "firmware/policy/facts.hpp"

namespace postern::policy {

// Why a record cannot authenticate an SMTP server; empty where it can. Static text.
std::string_view unusable(const TlsaView& record);
std::string_view unusable(const Tlsa& record);

// The indices of the records a chain is held against: the usable ones, and of those that digest the same kind
// of object only the strongest digest (RFC 7671 §9); full values always.
std::vector<std::size_t> employed(std::span<const TlsaView> records);
std::vector<TlsaView> employed(const FactsView& facts, std::size_t host);

// "3 1 1 8CB0…", the whole of it; for people.
std::string text_of(const TlsaView& record);

}  // namespace postern::policy
