// One entry as bytes: see the header. The bytes are secret, so they are counted first and then written once,
// into memory that is wiped.
#include "firmware/control/keystore/store/entry.hpp"

#include "firmware/ipc/codec.hpp"

namespace postern::keystore {

namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMostWord = 255;
constexpr std::size_t kMostPem = 1u << 20;

// Counts while there is no room, writes where there is.
class Sink {
 public:
  explicit Sink(MutableBytes room) : room_(room) {}
  template <typename T>
  void number(T value) {
    if (at_ + sizeof value <= room_.size()) store_be<T>(room_.data() + at_, value);
    at_ += sizeof value;
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    if (!value.empty() && at_ + value.size() <= room_.size())
      std::memcpy(room_.data() + at_, value.data(), value.size());
    at_ += value.size();
  }
  std::size_t size() const { return at_; }

 private:
  MutableBytes room_;
  std::size_t at_ = 0;
};

void put(const Entry& entry, Sink& sink) {
  sink.number(kVersion);
  sink.number(static_cast<std::uint8_t>(entry.kind));
  sink.number(static_cast<std::uint8_t>(entry.life.state));
  for (const auto number : {entry.created, entry.changed, entry.life.since, entry.life.seen})
    sink.number(number);
  for (const std::string_view word :
       {std::string_view(entry.use), std::string_view(entry.algorithm), std::string_view(entry.domain),
        std::string_view(entry.selector), std::string_view(entry.family), std::string_view(entry.chain)})
    sink.text(word);
  sink.text(entry.key.text());
}

}  // namespace

Secret write_entry(const Entry& entry) {
  Sink counting({});
  put(entry, counting);
  Secret plain(counting.size());
  Sink writing(plain.bytes());
  put(entry, writing);
  return plain;
}

Result<Entry> read_entry(Kind kind, std::string_view name, Bytes plain) {
  ipc::Reader reader(plain);
  if (reader.number<std::uint16_t>() != kVersion) return fail("the entry is of another version");
  Entry entry;
  entry.name = name;
  entry.kind = kind;
  if (reader.number<std::uint8_t>() != static_cast<std::uint8_t>(kind))
    return fail("the entry is of another kind");
  const auto state = reader.number<std::uint8_t>();
  if (state > static_cast<std::uint8_t>(kLastState)) return fail("the entry's state is unknown");
  entry.life.state = static_cast<State>(state);
  for (auto* number : {&entry.created, &entry.changed, &entry.life.since, &entry.life.seen})
    *number = reader.number<std::uint64_t>();
  for (auto* word : {&entry.use, &entry.algorithm, &entry.domain, &entry.selector, &entry.family})
    *word = reader.text(kMostWord);
  entry.chain = reader.text(kMostPem);
  entry.key = Secret::of(reader.text(kMostPem));
  if (!reader.complete()) return fail("the entry is cut short or too long");
  return entry;
}

}  // namespace postern::keystore
