// One operation being carried out: what was asked, by whom, and the rooms it may use. Handlers block as long
// as they need; they run on worker threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "firmware/control/admin/api/document.hpp"
#include "firmware/control/admin/api/problem.hpp"
#include "firmware/control/admin/audit/audit.hpp"
#include "firmware/control/admin/door/door.hpp"
#include "firmware/control/admin/figures/figures.hpp"
#include "firmware/control/admin/http/request.hpp"
#include "firmware/control/admin/jobs/jobs.hpp"
#include "firmware/control/admin/people/backoff.hpp"
#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/setup/first_code.hpp"

namespace postern::admin {

// What the settings say, and what is known of the box.
struct Facts {
  std::string host_name;
  std::string directory;    // of our own files
  std::string web_root;     // of the pages
  std::string address;      // where we listen
  std::string fingerprint;  // of our certificate, SHA-256
  std::vector<std::string> served;
  SessionTimes times;
};

// Does looking up and probing; its work runs in jobs.
class Looker;

struct Rooms {
  const Facts& facts;
  const Document& document;
  People& people;
  Audit& audit;
  Backoff& backoff;
  Backoff& step_backoff;
  Door& door;
  Figures& figures;
  Jobs& jobs;
  FirstCode& first_code;
  Looker& looker;
};

struct Call {
  Rooms& rooms;
  const Request& request;
  const Operation& operation;
  std::map<std::string, Json> parameters;
  Json body;
  std::optional<Session> session;
  std::optional<Token> token;
  std::optional<User> user;
  std::int64_t now = 0;  // wall, seconds
  // For the audit log.
  std::string subject;
  std::string who;      // where nobody is logged in yet: the name that was given
  bool silent = false;  // changes nothing: a dry run

  const std::string& text(std::string_view name) const;  // of a parameter; empty where it was not given
  std::string user_name() const { return user ? user->name : who; }
  bool is_owner() const { return user && user->role == "owner"; }
  // Control's door, in the name of this person.
  Json ask(Json question) const;
};

using Handler = Response (*)(Call&);
struct HandlerRow {
  std::string_view operation;
  Handler handler;
};

// One table for each file of handlers.
std::span<const HandlerRow> audit_handlers();
std::span<const HandlerRow> domain_handlers();
std::span<const HandlerRow> job_handlers();
std::span<const HandlerRow> key_handlers();
std::span<const HandlerRow> live_handlers();
std::span<const HandlerRow> me_handlers();
std::span<const HandlerRow> message_handlers();
std::span<const HandlerRow> policy_handlers();
std::span<const HandlerRow> queue_handlers();
std::span<const HandlerRow> report_handlers();
std::span<const HandlerRow> session_handlers();
std::span<const HandlerRow> settings_handlers();
std::span<const HandlerRow> setup_handlers();
std::span<const HandlerRow> system_handlers();
std::span<const HandlerRow> token_handlers();
std::span<const HandlerRow> user_handlers();
Handler find_handler(std::string_view operation);
// All of them, for the test that holds them against the document.
std::vector<std::string> handled_operations();

// "2026-11-22T21:00:00Z"
std::string time_of(std::int64_t wall_seconds);
Json time_or_null(std::int64_t wall_seconds);

// The cookie of a session. The prefix makes browsers refuse it from anywhere but this host over TLS.
inline constexpr std::string_view kCookie = "__Host-postern";
std::string cookie_of(const std::string& secret);
std::string no_cookie();
Json session_json(const Rooms& rooms, const std::optional<Session>& session, const std::optional<User>& user,
                  std::int64_t now);

}  // namespace postern::admin
