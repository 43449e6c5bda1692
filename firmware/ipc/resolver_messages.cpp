// Writing and reading the messages that concern the resolver.
#include <cstring>

#include "firmware/ipc/policy_memory.hpp"
#include "firmware/ipc/resolver_report.hpp"

namespace postern::ipc {

namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::uint32_t kMostLanes = 256;

}  // namespace

std::vector<std::uint8_t> write(const PolicyMemoryMessage& message) {
  Writer writer = begin_message(MessageKind::policy_memory);
  writer.number(message.number);
  writer.number(message.lanes);
  return writer.take();
}

std::optional<PolicyMemoryMessage> read_policy_memory(Bytes body) {
  Reader reader(body);
  PolicyMemoryMessage message;
  message.number = reader.number<std::uint64_t>();
  message.lanes = reader.number<std::uint32_t>();
  if (!reader.complete() || message.lanes == 0 || message.lanes > kMostLanes) return std::nullopt;
  return message;
}

std::vector<std::uint8_t> write(const ResolverReport& report) {
  Writer writer = begin_message(MessageKind::resolver_report);
  writer.number(static_cast<std::uint8_t>(report.ready));
  writer.text(std::string_view(report.trouble).substr(0, kMostText));
  for (const auto value : counter_values(report.counters)) writer.number(value);
  return writer.take();
}

std::optional<ResolverReport> read_resolver_report(Bytes body) {
  Reader reader(body);
  ResolverReport report;
  report.ready = reader.number<std::uint8_t>() != 0;
  report.trouble = reader.text(kMostText);
  for (char& c : report.trouble) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  std::array<Counter, ResolverCounters::names.size()> values{};
  for (auto& value : values) value = reader.number<std::uint64_t>();
  if (!reader.complete()) return std::nullopt;
  std::memcpy(static_cast<void*>(&report.counters), values.data(), sizeof values);
  return report;
}

}  // namespace postern::ipc
