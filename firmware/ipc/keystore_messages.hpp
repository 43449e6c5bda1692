// The messages between control and the keystore. Questions and answers are numbered; what they say lies in
// frozen shared memory, because it may be long and may be secret.
//
//   keystore_ask     control: number 64; descriptor: a JSON object with "command"
//   keystore_answer  keystore: number 64; descriptor: a JSON object, or grants (grants.hpp)
//   keystore_report  keystore, every second and on change: locked 8, revision 64
//
// Besides the verbs of control's door there is one question that only control can ask, because the door
// passes on "keys." and nothing else: {"command": "give", "process": NAME}.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

inline constexpr std::size_t kMostKeystoreQuestion = 1u << 20;
inline constexpr std::size_t kMostKeystoreAnswer = 64u << 20;

struct KeystoreReport {
  bool locked = true;
  std::uint64_t revision = 0;
};

inline std::vector<std::uint8_t> write_keystore_number(MessageKind kind, std::uint64_t number) {
  auto writer = begin_message(kind);
  writer.number(number);
  return writer.take();
}

inline std::optional<std::uint64_t> read_keystore_number(Bytes body) {
  Reader reader(body);
  const auto number = reader.number<std::uint64_t>();
  return reader.complete() ? std::optional(number) : std::nullopt;
}

inline std::vector<std::uint8_t> write(const KeystoreReport& report) {
  auto writer = begin_message(MessageKind::keystore_report);
  writer.number(static_cast<std::uint8_t>(report.locked ? 1 : 0));
  writer.number(report.revision);
  return writer.take();
}

inline std::optional<KeystoreReport> read_keystore_report(Bytes body) {
  Reader reader(body);
  KeystoreReport report;
  const auto locked = reader.number<std::uint8_t>();
  report.locked = locked == 1;
  report.revision = reader.number<std::uint64_t>();
  return reader.complete() && locked <= 1 ? std::optional(report) : std::nullopt;
}

}  // namespace postern::ipc
