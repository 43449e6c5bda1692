// The SMTP commands: one row per verb, one file per verb.
//
// `check` decides whether a command may be done and takes its argument apart; it changes nothing. `act` does
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware/mail/envelope.hpp"
#include "firmware/smtp/server/state.hpp"

namespace postern::smtp {

// A command line taken apart: what check found out for act.
struct Command {
  std::string_view argument;  // what follows the verb, without white space at its ends

  mail::Path path;  // MAIL, RCPT
  std::uint64_t size = 0;
  mail::Body body = mail::Body::seven_bit;
  bool smtputf8 = false;
  bool require_tls = false;
  mail::Return ret = mail::Return::unspecified;
  std::string_view envelope_id;
  std::uint8_t notify = mail::kNotifyDefault;
  std::string_view original;

  std::uint64_t chunk = 0;  // BDAT
  bool last = false;
};

using Check = Refusal (*)(const Server::State& state, Command& command);
using Act = void (*)(Server::State& state, const Command& command);
using Refuse = void (*)(Server::State& state, const Command& command, Refusal refusal);

struct Verb {
  std::string_view text;
  Stages allowed;
  bool in_clear;  // allowed before STARTTLS where TLS is required (RFC 3207 §4)
  Check check;
  Act act;
  Refuse refuse = nullptr;  // where saying no takes more than a reply
};

// Whether mail for the domain is accepted from anybody.
bool is_served(const ServerSettings& settings, std::string_view domain);

// The verb of that name in any case, or nullptr.
const Verb* find_verb(std::string_view text);

// Takes one command line, without its CRLF.
void run_command(Server::State& state, std::string_view line);

// -- the verbs
Refusal check_hello(const Server::State&, Command&);
void act_ehlo(Server::State&, const Command&);
void act_helo(Server::State&, const Command&);
Refusal check_mail(const Server::State&, Command&);
void act_mail(Server::State&, const Command&);
Refusal check_rcpt(const Server::State&, Command&);
void act_rcpt(Server::State&, const Command&);
void accept_recipient(Server::State&);
Refusal check_data(const Server::State&, Command&);
void act_data(Server::State&, const Command&);
Refusal check_bdat(const Server::State&, Command&);
void act_bdat(Server::State&, const Command&);
void refuse_bdat(Server::State&, const Command&, Refusal);
Refusal check_rset(const Server::State&, Command&);
void act_rset(Server::State&, const Command&);
Refusal check_noop(const Server::State&, Command&);
void act_noop(Server::State&, const Command&);
Refusal check_quit(const Server::State&, Command&);
void act_quit(Server::State&, const Command&);
Refusal check_vrfy(const Server::State&, Command&);
void act_vrfy(Server::State&, const Command&);
Refusal check_help(const Server::State&, Command&);
void act_help(Server::State&, const Command&);
Refusal check_starttls(const Server::State&, Command&);
void act_starttls(Server::State&, const Command&);
Refusal check_auth(const Server::State&, Command&);
void act_auth(Server::State&, const Command&);
// What the client says of itself, in base64; then the step check_login, or a refusal.
void take_login(Server::State&, std::string_view text);
Refusal check_unoffered(const Server::State&, Command&);
Refusal check_foreign(const Server::State&, Command&);

}  // namespace postern::smtp
