// The names of the slots' kernel images: see the header.
#include "platform/slots/names.hpp"

#include <algorithm>
#include <charconv>

namespace postern::slots {
namespace {

constexpr std::string_view kPrefix = "postern-";
constexpr std::string_view kSuffix = ".efi";
constexpr std::uint64_t kLargest = 999'999'999;

// Takes decimal digits without leading zeros from the front.
template <typename T>
bool take_number(std::string_view& text, T& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || number > kLargest || (length > 1 && text.front() == '0')) return false;
  text.remove_prefix(length);
  value = static_cast<T>(number);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// The order in which the loader tries: bad ones last, then the higher number, then more tries left.
bool starts_before(const Entry& one, const Entry& two) {
  if (one.bad() != two.bad()) return two.bad();
  if (one.number != two.number) return one.number > two.number;
  if (one.good() != two.good()) return one.good();
  return !one.good() && one.tries->left > two.tries->left;
}

std::optional<Entry> best(std::span<const std::string> file_names, std::optional<Slot> slot) {
  std::optional<Entry> found;
  for (const auto& name : file_names) {
    const auto entry = parse_entry(name);
    if (!entry || (slot && entry->slot != *slot)) continue;
    if (!found || starts_before(*entry, *found)) found = entry;
  }
  return found;
}

}  // namespace

std::optional<Entry> parse_entry(std::string_view text) {
  if (!text.starts_with(kPrefix) || !text.ends_with(kSuffix)) return {};
  text.remove_prefix(kPrefix.size());
  if (text.size() < kSuffix.size()) return {};
  text.remove_suffix(kSuffix.size());
  Entry entry;
  if (!take_number(text, entry.number) || !take(text, '-')) return {};
  if (text.empty() || (text.front() != 'a' && text.front() != 'b')) return {};
  entry.slot = text.front() == 'a' ? Slot::a : Slot::b;
  text.remove_prefix(1);
  if (text.empty()) return entry;
  Tries tries;
  if (!take(text, '+') || !take_number(text, tries.left)) return {};
  if (!text.empty() && (!take(text, '-') || !take_number(text, tries.done))) return {};
  if (!text.empty()) return {};
  entry.tries = tries;
  return entry;
}

std::string file_name(const Entry& entry) {
  std::string name = std::string(kPrefix) + std::to_string(entry.number) + "-" + letter(entry.slot);
  if (entry.tries) {
    name += "+" + std::to_string(entry.tries->left);
    if (entry.tries->done != 0) name += "-" + std::to_string(entry.tries->done);
  }
  return name + std::string(kSuffix);
}

std::string temporary_name(Slot slot) {
  return std::string(kPrefix) + letter(slot) + ".tmp";
}

std::optional<Entry> starts_next(std::span<const std::string> file_names) {
  return best(file_names, {});
}

std::optional<Entry> entry_of(Slot slot, std::span<const std::string> file_names) {
  return best(file_names, slot);
}

std::uint64_t next_number(std::span<const std::string> file_names) {
  std::uint64_t highest = 0;
  for (const auto& name : file_names) {
    if (const auto entry = parse_entry(name)) highest = std::max(highest, entry->number);
  }
  return highest + 1;
}

std::string condition(const std::optional<Entry>& entry) {
  if (!entry) return "empty";
  if (entry->good()) return "good";
  if (entry->bad()) return "bad";
  return "on trial, " + std::to_string(entry->tries->left) +
         (entry->tries->left == 1 ? " start" : " starts") + " left";
}

}  // namespace postern::slots
