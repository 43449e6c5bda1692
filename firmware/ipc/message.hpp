// The messages between postern-control and postern-dataplane: one small header, then one of the forms below.
//
//   "PM" 16 | version 16 | kind 16 | zero 16 | body
//
// They travel over a socket that keeps message boundaries. Each form has its own header file. A new kind or a
// changed form raises kMessageVersion; at most 32 kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/ipc/codec.hpp"
#include "platform/base/bytes.hpp"

namespace postern::ipc {

inline constexpr std::uint16_t kMessageVersion = 5;
inline constexpr std::size_t kMostMessageBytes = 4096;

enum class MessageKind : std::uint16_t {
  hello = 1,               // data plane: who I am; descriptors: counters page, outcome rings
  publish = 2,             // control: a generation; descriptors: settings, credentials
  tickets = 3,             // control: ticket keys, newest first
  report = 4,              // data plane, every second and on change: phase, generation
  refuse = 5,              // data plane: a generation cannot be taken, and why
  log_line = 6,            // data plane: a line for the log
  command = 7,             // control: do something now
  policy_memory = 8,       // control: where the resolver is asked; descriptors: table, lanes, event
  resolver_settings = 9,   // control: what the resolver is to do; descriptor: settings
  resolver_report = 10,    // resolver, every second: how it is
  reporter_settings = 11,  // control: what the reporter is to do; descriptor: settings
  sessions = 12,           // control: sessions for TLS reports
  reporter_report = 13,    // reporter, every second: what it has safe
  inject = 14,             // control: queue this message; descriptor: the message
  injected = 15,           // data plane: what became of it
  queue_ask = 16,          // control: people at the queue, a question or a deed
  queue_answer = 17,       // data plane: a piece of the answer
  keystore_ask = 18,       // control: a numbered question; descriptor: JSON
  keystore_answer = 19,    // keystore: its answer; descriptor: JSON, or what is given out
  keystore_report = 20,    // keystore, every second and on change: how it is
  admin_settings = 21,     // control: what the admin is to do; descriptors: settings, chain, key
  admin_report = 22,       // admin, every second: how it is, as JSON
  report_mail = 23,        // data plane: a TLS report that came by mail; descriptor: the message
  report_kept = 24,        // control: whether it is on disk
};
inline constexpr MessageKind kLastMessageKind = MessageKind::report_kept;

enum class MessageFault : std::uint8_t { none, not_ours, other_version, unknown_kind };

struct MessageView {
  MessageKind kind{};
  Bytes body;
};

// Starts a message of that kind.
Writer begin_message(MessageKind kind);
// Looks at the header; `fault` says what is wrong where nothing is returned.
std::optional<MessageView> open_message(Bytes packet, MessageFault& fault);

}  // namespace postern::ipc
