// Everything the server says no to. replies.hpp has the words for each.
#pragma once

#include <cstdint>

namespace postern::smtp {

enum class Refusal : std::uint8_t {
  none,
  // a line
  unknown_command,
  line_too_long,
  bare_cr_in_command,
  bare_lf_in_command,
  nul_in_command,
  // a command
  not_implemented,
  hello_first,
  nested_mail,
  mail_first,
  in_chunks,
  no_recipients,
  bad_argument,
  bad_sender,
  bad_recipient,
  needs_smtputf8,
  bad_parameter,
  unknown_parameter,
  unknown_body_type,
  tls_required,
  tls_repeated,
  tls_injection,
  // a login
  login_needs_tls,
  login_repeated,
  login_in_transaction,
  login_mechanism,
  login_malformed,
  login_cancelled,
  login_wrong,
  login_later,
  too_many_logins,
  login_required,
  foreign_sender,
  // a recipient
  relay_denied,
  address_literal,
  unknown_recipient,
  recipient_later,
  too_many_recipients,
  // a message
  declared_too_big,
  message_too_big,
  header_too_big,
  text_line_too_long,
  bare_cr_in_text,
  bare_lf_in_text,
  nul_in_text,
  too_many_hops,
  chunk_too_big,
  no_space,
  store_failed,
  no_tls_report,
  // a session
  too_many_messages,
  too_many_commands,
  too_many_errors,
  timed_out,
  shutting_down,
  early_talk,
  foreign_protocol,
  kinds,  // how many there are
};

}  // namespace postern::smtp
