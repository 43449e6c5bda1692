// The names of the slots' kernel images on the ESP, which are the state: systemd-boot counts starts in them.
//
// `postern-<number>-<slot>[+<left>[-<done>]].efi`: the loader starts the highest number that has tries left,
// and names with none left only where nothing else is there. No counter: the slot was found good. Names are
// judged as a set, never alone. The names are image/layout.toml's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::slots {

enum class Slot : std::uint8_t { a, b };

constexpr Slot other(Slot slot) {
  return slot == Slot::a ? Slot::b : Slot::a;
}
constexpr char letter(Slot slot) {
  return slot == Slot::a ? 'a' : 'b';
}

inline constexpr std::uint32_t kTries = 3;

struct Tries {
  std::uint32_t left = 0;
  std::uint32_t done = 0;
  bool operator==(const Tries&) const = default;
};

struct Entry {
  std::uint64_t number = 0;
  Slot slot = Slot::a;
  std::optional<Tries> tries;  // nothing: good

  bool good() const { return !tries; }
  bool bad() const { return tries && tries->left == 0; }
  bool operator==(const Entry&) const = default;
};

// Nothing where the name is not of this form, or a number is too long.
std::optional<Entry> parse_entry(std::string_view file_name);
std::string file_name(const Entry& entry);
// While it is written; the loader ignores it.
std::string temporary_name(Slot slot);

// The entry that the loader would start: highest number, those without tries left last. Nothing: there is
// none.
std::optional<Entry> starts_next(std::span<const std::string> file_names);
// The entry of one slot; the best where there are several (left over from a cut rename).
std::optional<Entry> entry_of(Slot slot, std::span<const std::string> file_names);
std::uint64_t next_number(std::span<const std::string> file_names);

// "good", "on trial, 2 starts left", "bad", for people.
std::string condition(const std::optional<Entry>& entry);

}  // namespace postern::slots
