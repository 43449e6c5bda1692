// What one outbound session remembers. Nobody outside firmware/smtp sees it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/smtp/client.hpp"
#include "firmware/smtp/client/extensions.hpp"
#include "firmware/smtp/client/reply_reader.hpp"
#include "firmware/smtp/client/text_writer.hpp"

namespace postern::smtp {

enum class Phase : std::uint8_t {
  hello,      // greeting, EHLO, STARTTLS
  tls,        // step start_tls is due
  handshake,  // until tls_established()
  idle,       // step ready
  envelope,   // RSET, MAIL, RCPT, DATA
  body,       // step need_body
  final,      // the message is out; its reply is awaited
  probe,
  quit,
  closed,  // step close
};

// Which command a reply answers.
enum class Expect : std::uint8_t {
  greeting,
  ehlo,
  helo,
  starttls,
  rset,
  mail,
  rcpt,
  data,
  chunk,
  final,
  quit
};

struct Expected {
  Expect what;
  std::uint32_t recipient = 0;  // rcpt: index into results
};

struct ScriptLine {
  std::string text;
  Expected reply;
};

// How far one recipient has got.
enum class Progress : std::uint8_t { asked, accepted, settled };

struct Client::State {
  State(const ClientSettings& s, Counters& c, Now start);

  const ClientSettings& settings;
  Counters& counters;
  Now now;

  Phase phase = Phase::hello;
  bool tls = false;
  bool done_due = false;   // step message_done
  bool ready_due = false;  // step ready
  Extensions offers;
  ReplyReader reader;
  Instant deadline = kNever;

  std::deque<ScriptLine> script;  // commands not sent yet
  std::deque<Expected> expected;  // replies that have to come
  std::string out;
  std::size_t out_sent = 0;

  // The message under way.
  const mail::Envelope* envelope = nullptr;
  std::vector<std::uint32_t> wanted;
  std::vector<RecipientResult> results;
  std::vector<Progress> progress;
  std::uint64_t body_size = 0;
  TextWriter writer;
  std::string chunk;
  bool chunked = false;
  bool end_due = false;      // the body has ended; its last chunk waits for a reply
  bool ended = false;        // the last byte of the message is out
  bool discarded = false;    // what still comes of the body is of no use
  bool needs_reset = false;  // the server's transaction is still open
  std::uint64_t messages = 0;

  std::string server_name;
  std::string last_reply;
  std::string failure;
  RecipientResult failure_result;

  std::size_t out_waiting() const { return out.size() - out_sent; }
  std::size_t accepted() const;

  // -- sending
  void put(std::string_view text);
  void order(std::string text, Expected reply);  // into the script
  void pump();                                   // sends from the script what may be sent now
  void wait_for_next();                          // sets the deadline by what is expected

  // -- endings
  void settle(std::size_t index, const RecipientResult& result);
  void settle_rest(const RecipientResult& result);
  void finish();  // every recipient is settled: message_done
  void fail(std::uint16_t code, std::string_view status, std::string_view text);
  void fail(const RecipientResult& result);
};

// The codes and words of a reply as one recipient's result.
RecipientResult result_of(const Reply& reply);
RecipientResult local_result(std::uint16_t code, std::string_view status, std::string_view text);

}  // namespace postern::smtp
