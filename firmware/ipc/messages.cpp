// Writing and reading the messages between the planes: one pair of functions per form. What is read is
// complete and in range, or nothing.
#include <algorithm>
#include <array>

#include "firmware/ipc/command.hpp"
#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/publish.hpp"
#include "firmware/ipc/report.hpp"
#include "firmware/ipc/tickets.hpp"

namespace postern::ipc {

namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::uint32_t kMostShards = 256;

// One printable line of bounded length, whatever was given.
std::string tidy(std::string_view text) {
  std::string line(text.substr(0, kMostText));
  for (char& c : line) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line;
}

template <std::size_t N>
void copy(Bytes from, std::array<std::uint8_t, N>& to) {
  if (from.size() == N) std::copy(from.begin(), from.end(), to.begin());
}

}  // namespace

std::vector<std::uint8_t> write(const Hello& hello) {
  Writer writer = begin_message(MessageKind::hello);
  writer.text(tidy(hello.version));
  writer.number(hello.pid);
  writer.number(hello.shards);
  writer.number(hello.started_wall_ns);
  writer.number(hello.generation);
  writer.raw(hello.digest);
  writer.number(hello.tickets_wall_ns);
  return writer.take();
}

std::optional<Hello> read_hello(Bytes body) {
  Reader reader(body);
  Hello hello;
  hello.version = tidy(reader.text(kMostText));
  hello.pid = reader.number<std::uint32_t>();
  hello.shards = reader.number<std::uint32_t>();
  hello.started_wall_ns = reader.number<std::uint64_t>();
  hello.generation = reader.number<std::uint64_t>();
  copy(reader.raw(hello.digest.size()), hello.digest);
  hello.tickets_wall_ns = reader.number<std::uint64_t>();
  if (!reader.complete() || hello.shards == 0 || hello.shards > kMostShards) return std::nullopt;
  return hello;
}

std::vector<std::uint8_t> write(const Publish& publish) {
  Writer writer = begin_message(MessageKind::publish);
  writer.number(publish.generation);
  writer.raw(publish.digest);
  return writer.take();
}

std::optional<Publish> read_publish(Bytes body) {
  Reader reader(body);
  Publish publish;
  publish.generation = reader.number<std::uint64_t>();
  copy(reader.raw(publish.digest.size()), publish.digest);
  if (!reader.complete() || publish.generation == 0) return std::nullopt;
  return publish;
}

std::vector<std::uint8_t> write(const Tickets& tickets) {
  Writer writer = begin_message(MessageKind::tickets);
  writer.number(static_cast<std::uint8_t>(tickets.keys.size()));
  for (const auto& key : tickets.keys) {
    writer.raw(key.name);
    writer.raw(key.secret);
  }
  return writer.take();
}

std::optional<Tickets> read_tickets(Bytes body) {
  Reader reader(body);
  Tickets tickets;
  const auto count = reader.number<std::uint8_t>();
  if (count == 0 || count > kTicketKeys) return std::nullopt;
  tickets.keys.resize(count);
  for (auto& key : tickets.keys) {
    copy(reader.raw(key.name.size()), key.name);
    copy(reader.raw(key.secret.size()), key.secret);
  }
  return reader.complete() ? std::optional(tickets) : std::nullopt;
}

Tickets merge(const Tickets& newer, const Tickets& older) {
  Tickets merged;
  for (const auto* part : {&newer, &older}) {
    for (const auto& key : part->keys) {
      const bool known = std::find(merged.keys.begin(), merged.keys.end(), key) != merged.keys.end();
      if (!known && merged.keys.size() < kTicketKeys) merged.keys.push_back(key);
    }
  }
  return merged;
}

std::string_view text(Phase phase) {
  static constexpr std::array<std::string_view, 4> kNames{"waiting", "starting", "running", "stopping"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::vector<std::uint8_t> write(const Report& report) {
  Writer writer = begin_message(MessageKind::report);
  writer.number(static_cast<std::uint8_t>(report.phase));
  writer.number(report.generation);
  writer.number(report.shards_at);
  writer.number(report.shards);
  writer.number(report.outcomes_lost);
  return writer.take();
}

std::optional<Report> read_report(Bytes body) {
  Reader reader(body);
  Report report;
  const auto phase = reader.number<std::uint8_t>();
  report.generation = reader.number<std::uint64_t>();
  report.shards_at = reader.number<std::uint32_t>();
  report.shards = reader.number<std::uint32_t>();
  report.outcomes_lost = reader.number<std::uint64_t>();
  if (!reader.complete() || phase > static_cast<std::uint8_t>(Phase::stopping)) return std::nullopt;
  report.phase = static_cast<Phase>(phase);
  return report;
}

std::vector<std::uint8_t> write(const Refuse& refuse) {
  Writer writer = begin_message(MessageKind::refuse);
  writer.number(refuse.generation);
  writer.text(tidy(refuse.reason));
  return writer.take();
}

std::optional<Refuse> read_refuse(Bytes body) {
  Reader reader(body);
  Refuse refuse;
  refuse.generation = reader.number<std::uint64_t>();
  refuse.reason = tidy(reader.text(kMostText));
  return reader.complete() ? std::optional(refuse) : std::nullopt;
}

std::string_view text(Level level) {
  static constexpr std::array<std::string_view, 5> kNames{"error", "warning", "notice", "info", "debug"};
  return kNames[static_cast<std::size_t>(level)];
}

std::optional<Level> read_level(std::string_view name) {
  for (const auto level : {Level::error, Level::warning, Level::notice, Level::info, Level::debug}) {
    if (text(level) == name) return level;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> write(const LogLine& line) {
  Writer writer = begin_message(MessageKind::log_line);
  writer.number(static_cast<std::uint8_t>(line.level));
  writer.text(tidy(line.text));
  return writer.take();
}

std::optional<LogLine> read_log_line(Bytes body) {
  Reader reader(body);
  const auto level = reader.number<std::uint8_t>();
  LogLine line{Level::info, tidy(reader.text(kMostText))};
  if (!reader.complete() || level > static_cast<std::uint8_t>(Level::debug)) return std::nullopt;
  line.level = static_cast<Level>(level);
  return line;
}

std::vector<std::uint8_t> write(const Command& command) {
  Writer writer = begin_message(MessageKind::command);
  writer.number(static_cast<std::uint8_t>(command.verb));
  return writer.take();
}

std::optional<Command> read_command(Bytes body) {
  Reader reader(body);
  const auto verb = reader.number<std::uint8_t>();
  if (!reader.complete() || verb < 1 || verb > static_cast<std::uint8_t>(Verb::hurry)) return std::nullopt;
  return Command{static_cast<Verb>(verb)};
}

}  // namespace postern::ipc
