// Bytes become keys: see the header.
#include "firmware/control/console/keys.hpp"

#include <array>
#include <optional>

namespace postern::control::console {

namespace {

using enum Key::Kind;

struct Named {
  std::string_view sequence;
  Key::Kind kind;
};

constexpr auto kSequences = std::to_array<Named>({
    {"[A", up},
    {"[B", down},
    {"[C", right},
    {"[D", left},
    {"OA", up},
    {"OB", down},
    {"OC", right},
    {"OD", left},
    {"[H", home},
    {"[F", end},
    {"OH", home},
    {"OF", end},
    {"[1~", home},
    {"[7~", home},
    {"[4~", end},
    {"[8~", end},
    {"[3~", erase},
    {"[5~", page_up},
    {"[6~", page_down},
    {"[1;5C", word_right},
    {"[1;5D", word_left},
    {"[1;3C", word_right},
    {"[1;3D", word_left},
    {"f", word_right},
    {"b", word_left},
    {"\x7f", kill_word},
    {"[200~", paste_begins},
    {"[201~", paste_ends},
});

std::optional<Key::Kind> control_key(char c) {
  switch (c) {
    case 0x01:
      return home;
    case 0x02:
      return left;
    case 0x03:
      return interrupt;
    case 0x04:
      return end_of_input;
    case 0x05:
      return end;
    case 0x06:
      return right;
    case 0x08:
    case 0x7f:
      return backspace;
    case 0x09:
      return tab;
    case 0x0a:
    case 0x0d:
      return enter;
    case 0x0b:
      return kill_end;
    case 0x0c:
      return redraw;
    case 0x0e:
      return down;
    case 0x10:
      return up;
    case 0x11:
    case 0x13:
      return pause;
    case 0x15:
      return kill_line;
    case 0x16:
      return literal;
    case 0x17:
      return kill_word;
    default:
      return std::nullopt;
  }
}

// Bytes of the UTF-8 sequence that begins so; 0 where none does. RFC 3629 §4.
std::size_t length_of(char c) {
  const auto first = static_cast<unsigned char>(c);
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// "[24;80R": where the cursor is. ECMA-48 §8.3.14.
std::optional<Key> size_report(std::string_view sequence) {
  if (sequence.size() < 5 || sequence.front() != '[' || sequence.back() != 'R') return std::nullopt;
  Key key{size};
  std::size_t* number = &key.rows;
  for (const char c : sequence.substr(1, sequence.size() - 2)) {
    if (c == ';' && number == &key.rows) {
      number = &key.columns;
    } else if (c < '0' || c > '9' || *number > 9999) {
      return std::nullopt;
    } else {
      *number = *number * 10 + static_cast<std::size_t>(c - '0');
    }
  }
  return key.rows > 0 && key.columns > 0 ? std::optional(key) : std::nullopt;
}

}  // namespace

void KeyReader::feed(std::string_view bytes, std::vector<Key>& into) {
  for (const char c : bytes) byte(c, into);
}

void KeyReader::rest(std::vector<Key>& into) {
  if (sequence_ == "\x1b") into.push_back({escape});
  sequence_.clear();
  want_ = 0;
}

void KeyReader::byte(char c, std::vector<Key>& into) {
  // CR LF is one key, however the terminal sends it.
  const bool second = after_return_ && c == '\n';
  after_return_ = c == '\r';
  if (second) return;
  if (want_ != 0) return in_character(c, into);
  if (!sequence_.empty()) return in_sequence(c, into);
  if (c == 0x1b) {
    sequence_ = c;
  } else if (const auto key = control_key(c)) {
    into.push_back({*key});
  } else if (static_cast<unsigned char>(c) >= 0x80) {
    want_ = length_of(c);
    if (want_ != 0) sequence_ = c;
  } else if (static_cast<unsigned char>(c) >= 0x20) {
    into.push_back({character, std::string(1, c)});
  }
}

void KeyReader::in_character(char c, std::vector<Key>& into) {
  if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
    sequence_.clear();
    want_ = 0;
    return byte(c, into);
  }
  sequence_ += c;
  if (sequence_.size() < want_) return;
  // C1 controls, overlong forms and surrogates go nowhere near a screen. RFC 3629 §4.
  const auto first = static_cast<unsigned char>(sequence_[0]);
  const auto second = static_cast<unsigned char>(sequence_[1]);
  const bool bad = (first == 0xc2 && second < 0xa0) || (first == 0xe0 && second < 0xa0) ||
                   (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
                   (first == 0xf4 && second >= 0x90);
  if (!bad) into.push_back({character, sequence_});
  sequence_.clear();
  want_ = 0;
}

void KeyReader::in_sequence(char c, std::vector<Key>& into) {
  if (c == 0x1b) {
    sequence_ = c;
    return;
  }
  sequence_ += c;
  if (sequence_.size() == 2 && (c == '[' || c == 'O')) return;
  const bool final = static_cast<unsigned char>(c) >= 0x40 || sequence_.size() == 2;
  if (!final && sequence_.size() < kMostSequence) return;
  if (final) control_sequence(into);
  sequence_.clear();
}

void KeyReader::control_sequence(std::vector<Key>& into) {
  const auto rest = std::string_view(sequence_).substr(1);
  if (auto key = size_report(rest)) return into.push_back(std::move(*key));
  for (const auto& named : kSequences) {
    if (named.sequence == rest) return into.push_back({named.kind});
  }
}

}  // namespace postern::control::console
