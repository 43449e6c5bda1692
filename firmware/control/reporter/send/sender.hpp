// Reports on their way out: planned after midnight UTC, each at a time of its own, made when that time has
// come, tried again until accepted or until they are stale. RFC 8460 §4.1, §5.5.
//
// Recipient domains come first, hosts after them: what a rua has heard about a host in the report of a
// recipient domain is left out of the host's own report to it.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/control/reporter/send/outside.hpp"
#include "firmware/control/reporter/store/store.hpp"

namespace postern::reporter {

struct SenderSettings {
  bool send = true;
  std::string host_name;
  std::string from;  // mailbox
  std::string organization;
  std::string contact;
  std::int64_t spread = 4 * 3600;  // seconds
  std::int64_t retry = 24 * 3600;
  std::int64_t keep = 90 * 86400;
};

class Sender {
 public:
  static constexpr std::size_t kMostRua = 8;      // of one record; further ones are not used
  static constexpr std::size_t kMostAtOnce = 20;  // reports per turn
  static constexpr std::int64_t kSettle = 300;    // seconds after midnight in which late results still come

  Sender(Store& store, Outside& outside) : store_(store), outside_(outside) {}
  void configure(SenderSettings settings) { settings_ = std::move(settings); }

  // What is to be done now, seconds since 1970. Gives the time of the next turn.
  std::int64_t turn(std::int64_t now);

 private:
  void plan(std::int64_t now);
  void see_to(const PlannedReport& planned, std::int64_t now);
  bool wanted_by(const PlannedReport& planned, std::int64_t now, std::vector<Rua>& ruas);
  Delivery deliver(const PlannedReport& planned, const Rua& rua, Delivery delivery, std::int64_t now);
  TlsReport compose(const PlannedReport& planned, std::vector<PolicyReport> policies) const;
  void add_policy_texts(const PlannedReport& planned, std::vector<PolicyReport>& policies);
  std::vector<std::string> told_already(const PlannedReport& planned, const std::string& rua);
  void later_or_never(const PlannedReport& planned, int attempts, const std::string& why, std::int64_t now);

  Store& store_;
  Outside& outside_;
  SenderSettings settings_;
  Day forgotten_ = 0;
};

}  // namespace postern::reporter
