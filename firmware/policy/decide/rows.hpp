// The rows of the decision, as data. Only decide.cpp and its tests include it.
#pragma once

#include <span>

#include "firmware/policy/decide/decide.hpp"

namespace postern::policy {

// What the host's TLSA records come to, after the question whether they may count at all.
enum class Dane : std::uint8_t { none, usable, unusable, failed, bogus };
// What MTA-STS comes to for this host.
enum class StsStanding : std::uint8_t { none, testing, testing_mismatch, enforced, mismatch, unknown };

struct Case {
  const DomainHead& domain;
  const HostHead& host;
  const MessageWishes& message;
  const Settings& settings;
  Dane dane = Dane::none;
  StsStanding sts = StsStanding::none;
};

// One line of a list: the first whose condition holds decides.
template <typename Subject>
struct Row {
  bool (*applies)(const Subject&);
  Insist insist;
  std::string_view status;
  std::string_view reason;
};

struct DomainCase {
  const DomainHead& domain;
};

std::span<const Row<DomainCase>> domain_rows();
std::span<const Row<HostHead>> reach_rows();  // can the host be reached at all, as far as DNS tells
std::span<const Row<Case>> promise_rows();    // what the domain promised
std::span<const Row<Case>> wish_rows();       // the least that REQUIRETLS makes of it

}  // namespace postern::policy
