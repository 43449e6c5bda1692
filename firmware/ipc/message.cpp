// The header of every message between the planes: see the header file.
#include "firmware/ipc/message.hpp"

namespace postern::ipc {

namespace {

constexpr std::uint16_t kMagic = 0x504d;  // "PM"

}  // namespace

Writer begin_message(MessageKind kind) {
  Writer writer;
  writer.number(kMagic);
  writer.number(kMessageVersion);
  writer.number(static_cast<std::uint16_t>(kind));
  writer.number(std::uint16_t{0});
  return writer;
}

std::optional<MessageView> open_message(Bytes packet, MessageFault& fault) {
  Reader reader(packet);
  const auto magic = reader.number<std::uint16_t>();
  const auto version = reader.number<std::uint16_t>();
  const auto kind = reader.number<std::uint16_t>();
  reader.number<std::uint16_t>();
  fault = MessageFault::none;
  if (reader.failed() || magic != kMagic) {
    fault = MessageFault::not_ours;
  } else if (version != kMessageVersion) {
    fault = MessageFault::other_version;
  } else if (kind < 1 || kind > static_cast<std::uint16_t>(kLastMessageKind)) {
    fault = MessageFault::unknown_kind;
  }
  if (fault != MessageFault::none) return std::nullopt;
  return MessageView{static_cast<MessageKind>(kind), reader.raw(reader.left())};
}

}  // namespace postern::ipc
