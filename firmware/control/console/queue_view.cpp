// The live view of the queue: by destination. See monitor.hpp.
#include <algorithm>
#include <map>

#include "firmware/control/cli/table.hpp"
#include "firmware/control/console/monitor.hpp"

namespace postern::control::console {

namespace {

struct Group {
  std::string domain;
  std::size_t messages = 0;
  std::uint64_t bytes = 0;
  std::string oldest;
  std::string next;
  std::string last;
};

std::string word(const Json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Of the first recipient who still has to get it.
std::string domain_of(const Json& message) {
  const auto list = message.find("recipients");
  for (const auto& one : list == message.end() ? Json::array() : *list) {
    const auto owed = one.find("owed");
    const auto address = word(one, "address");
    if (owed != one.end() && owed->is_boolean() && owed->get<bool>() &&
        address.find('@') != std::string::npos)
      return address.substr(address.rfind('@') + 1);
  }
  return "(nobody)";
}

std::string clock(const std::string& time) {
  return time.size() > 19 ? time.substr(11, 8) : time;
}

}  // namespace

std::vector<std::string> queue_lines(const Json& messages, std::size_t columns, std::size_t rows,
                                     bool colour) {
  std::map<std::string, Group> groups;
  for (const auto& message : messages) {
    if (!message.is_object()) continue;
    auto& group = groups[domain_of(message)];
    ++group.messages;
    const auto bytes = message.find("bytes");
    if (bytes != message.end() && bytes->is_number_unsigned()) group.bytes += bytes->get<std::uint64_t>();
    const auto arrived = word(message, "arrived");
    if (group.oldest.empty() || arrived < group.oldest) group.oldest = arrived;
    const auto next = word(message, "next");
    if (group.next.empty() || next < group.next) group.next = next;
    if (const auto last = word(message, "last"); !last.empty()) group.last = last;
  }
  std::vector<Group> sorted;
  for (auto& [domain, group] : groups) {
    group.domain = domain;
    sorted.push_back(std::move(group));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.messages > b.messages; });
  using cli::Table;
  Table table({{"TO", Table::Align::left, 30},
               {"MESSAGES", Table::Align::right},
               {"SIZE", Table::Align::right},
               {"OLDEST", Table::Align::left},
               {"NEXT TRY"},
               {"LAST REPLY"}});
  for (const auto& group : sorted)
    table.add({group.domain, cli::with_separators(group.messages),
               cli::short_bytes(static_cast<double>(group.bytes)), clock(group.oldest), clock(group.next),
               group.last});
  std::vector<std::string> lines{
      cli::paint("Queue: " + cli::with_separators(messages.size()) + " messages, " +
                     cli::with_separators(sorted.size()) + " destinations",
                 cli::Colour::bold, colour),
      ""};
  const auto text = table.text(columns, colour);
  for (std::size_t at = 0; at < text.size() && lines.size() < rows;) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace postern::control::console
