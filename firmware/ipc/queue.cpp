// Writing and reading questions about the queue and their answers.
#include "firmware/ipc/queue.hpp"

#include <algorithm>

namespace postern::ipc {
namespace {

constexpr std::size_t kMostName = 256;
constexpr std::size_t kMostShort = 128;

std::string clean(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

std::string_view cut(const std::string& text, std::size_t most) {
  return std::string_view(text).substr(0, most);
}

void put(Writer& writer, const QueueAnswerEntry& entry) {
  writer.number(entry.id);
  writer.number(entry.state);
  writer.number(std::uint8_t{entry.done});
  writer.number(entry.born_wall_ns);
  writer.number(entry.next_wall_ns);
  writer.number(entry.bytes);
  writer.number(entry.attempts);
  writer.number(entry.owed);
  for (const auto* text : {&entry.from, &entry.to, &entry.last, &entry.route}) {
    writer.text(cut(*text, kMostShort));
  }
}

QueueAnswerEntry get(Reader& reader) {
  QueueAnswerEntry entry;
  entry.id = reader.number<std::uint64_t>();
  entry.state = reader.number<std::uint8_t>();
  entry.done = reader.number<std::uint8_t>() != 0;
  entry.born_wall_ns = reader.number<std::uint64_t>();
  entry.next_wall_ns = reader.number<std::uint64_t>();
  entry.bytes = reader.number<std::uint64_t>();
  entry.attempts = reader.number<std::uint32_t>();
  entry.owed = reader.number<std::uint32_t>();
  for (auto* text : {&entry.from, &entry.to, &entry.last, &entry.route}) {
    *text = clean(reader.text(kMostShort));
  }
  return entry;
}

}  // namespace

std::vector<std::uint8_t> write(const QueueAsk& ask) {
  Writer writer = begin_message(MessageKind::queue_ask);
  writer.number(ask.ticket);
  writer.number(ask.shard);
  writer.number(static_cast<std::uint8_t>(ask.verb));
  writer.number(std::uint8_t{ask.act});
  writer.number(ask.cursor);
  writer.number(ask.show);
  writer.number(ask.older_ns);
  writer.number(ask.asked_wall_ns);
  const auto count = std::min(ask.ids.size(), kMostQueueIds);
  writer.number(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) writer.number(ask.ids[i]);
  writer.number(std::uint8_t{ask.any_from});
  writer.number(ask.state);
  for (const auto* text : {&ask.to_domain, &ask.from, &ask.to, &ask.reason, &ask.route, &ask.who}) {
    writer.text(cut(*text, kMostName));
  }
  return writer.take();
}

std::optional<QueueAsk> read_queue_ask(Bytes body) {
  Reader reader(body);
  QueueAsk ask;
  ask.ticket = reader.number<std::uint64_t>();
  ask.shard = reader.number<std::uint32_t>();
  const auto verb = reader.number<std::uint8_t>();
  ask.act = reader.number<std::uint8_t>() != 0;
  ask.cursor = reader.number<std::uint32_t>();
  ask.show = reader.number<std::uint32_t>();
  ask.older_ns = reader.number<std::uint64_t>();
  ask.asked_wall_ns = reader.number<std::uint64_t>();
  const auto count = reader.number<std::uint32_t>();
  if (count > kMostQueueIds || verb > static_cast<std::uint8_t>(QueueVerb::recipients)) return std::nullopt;
  ask.verb = static_cast<QueueVerb>(verb);
  ask.ids.resize(count);
  for (auto& id : ask.ids) id = reader.number<std::uint64_t>();
  ask.any_from = reader.number<std::uint8_t>() != 0;
  ask.state = reader.number<std::uint8_t>();
  for (auto* text : {&ask.to_domain, &ask.from, &ask.to, &ask.reason, &ask.route, &ask.who})
    *text = clean(reader.text(kMostName));
  // Half a lifetime of the clock: sums of times stay in range.
  constexpr std::uint64_t kMostTime = std::uint64_t{1} << 62;
  const bool timed = ask.older_ns < kMostTime && ask.asked_wall_ns < kMostTime;
  const bool known = ask.state <= kLastQueueState || ask.state == kAnyQueueState;
  return reader.complete() && timed && known ? std::optional(std::move(ask)) : std::nullopt;
}

std::vector<std::uint8_t> write(const QueueAnswer& answer) {
  Writer writer = begin_message(MessageKind::queue_answer);
  writer.number(answer.ticket);
  writer.number(std::uint8_t{answer.finished});
  writer.number(answer.cursor);
  writer.number(answer.matched);
  writer.number(answer.done);
  writer.number(answer.busy);
  const auto count = std::min(answer.entries.size(), kMostQueueEntries);
  writer.number(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) put(writer, answer.entries[i]);
  writer.text(cut(answer.trouble, kMostName));
  return writer.take();
}

std::optional<QueueAnswer> read_queue_answer(Bytes body) {
  Reader reader(body);
  QueueAnswer answer;
  answer.ticket = reader.number<std::uint64_t>();
  answer.finished = reader.number<std::uint8_t>() != 0;
  answer.cursor = reader.number<std::uint32_t>();
  answer.matched = reader.number<std::uint32_t>();
  answer.done = reader.number<std::uint32_t>();
  answer.busy = reader.number<std::uint32_t>();
  const auto count = reader.number<std::uint8_t>();
  if (count > kMostQueueEntries) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) answer.entries.push_back(get(reader));
  answer.trouble = clean(reader.text(kMostName));
  const bool known = std::all_of(answer.entries.begin(), answer.entries.end(),
                                 [](const auto& entry) { return entry.state <= kLastQueueState; });
  return reader.complete() && known ? std::optional(std::move(answer)) : std::nullopt;
}

}  // namespace postern::ipc
