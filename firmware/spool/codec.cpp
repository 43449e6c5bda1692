// Envelopes and delivery states as bytes. Reading trusts no length.
#include "firmware/spool/codec.hpp"

#include <algorithm>

namespace postern::spool {
namespace {

// Writes fields one after the other; with no buffer it only counts.
class Encoder {
 public:
  explicit Encoder(std::uint8_t* at) : at_(at) {}

  template <typename T>
  void number(T value) {
    if (at_ != nullptr) store_be<T>(at_ + used_, value);
    used_ += sizeof(T);
  }
  void text(std::string_view value, std::size_t most = 0xffff) {
    value = value.substr(0, std::min<std::size_t>(most, 0xffff));
    number(static_cast<std::uint16_t>(value.size()));
    bytes(as_bytes(value));
  }
  void bytes(Bytes value) {
    if (at_ != nullptr && !value.empty()) std::memcpy(at_ + used_, value.data(), value.size());
    used_ += value.size();
  }
  std::size_t used() const { return used_; }

 private:
  std::uint8_t* at_;
  std::size_t used_ = 0;
};

// Reads fields; past the end it gives zeros and is not ok any more.
class Decoder {
 public:
  explicit Decoder(Bytes bytes) : bytes_(bytes) {}

  template <typename T>
  T number() {
    if (!has(sizeof(T))) return 0;
    const auto value = load_be<T>(bytes_.data());
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  std::string text() {
    const auto length = number<std::uint16_t>();
    if (!has(length)) return {};
    std::string value(as_text(bytes_.first(length)));
    bytes_ = bytes_.subspan(length);
    return value;
  }
  void into(MutableBytes to) {
    if (!has(to.size())) return;
    std::memcpy(to.data(), bytes_.data(), to.size());
    bytes_ = bytes_.subspan(to.size());
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size(); }

 private:
  bool has(std::size_t size) {
    if (bytes_.size() < size) ok_ = false;
    return ok_;
  }
  Bytes bytes_;
  bool ok_ = true;
};

// Bits of an envelope's last field, and of a progress'.
constexpr std::uint8_t kRequireTls = 1;
constexpr std::uint8_t kSubmitted = 2;
constexpr std::uint8_t kAuthenticated = 4;
constexpr std::uint8_t kDelayTold = 1;
constexpr std::uint8_t kHeld = 2;
constexpr std::uint8_t kReturned = 4;

void encode(Encoder& out, const mail::Path& path) {
  out.text(path.local);
  out.text(path.domain);
}

mail::Path decode_path(Decoder& in) {
  mail::Path path;
  path.local = in.text();
  path.domain = in.text();
  return path;
}

void encode(Encoder& out, const mail::Envelope& envelope) {
  encode(out, envelope.sender);
  out.number(static_cast<std::uint32_t>(envelope.recipients.size()));
  for (const auto& recipient : envelope.recipients) {
    encode(out, recipient.path);
    out.number(recipient.notify);
    out.text(recipient.original);
  }
  out.number(static_cast<std::uint8_t>(envelope.body));
  out.number(static_cast<std::uint8_t>(envelope.smtputf8));
  out.number(static_cast<std::uint8_t>(envelope.ret));
  out.text(envelope.envelope_id);
  out.number(envelope.declared_size);
  out.bytes(envelope.client.bytes);
  out.text(envelope.helo);
  out.number(static_cast<std::uint8_t>(envelope.esmtp));
  out.text(envelope.tls_version);
  out.text(envelope.tls_cipher);
  out.number(static_cast<std::uint64_t>(envelope.arrival.time_since_epoch().count()));
  out.number(static_cast<std::uint8_t>((envelope.require_tls ? kRequireTls : 0) |
                                       (envelope.submitted ? kSubmitted : 0) |
                                       (envelope.authenticated ? kAuthenticated : 0)));
}

// A recipient is at least seven bytes, so a count can be checked before memory is taken for it.
bool decode_recipients(Decoder& in, mail::Envelope& envelope) {
  const auto count = in.number<std::uint32_t>();
  if (!in.ok() || count > in.left() / 7) return false;
  envelope.recipients.resize(count);
  for (auto& recipient : envelope.recipients) {
    recipient.path = decode_path(in);
    recipient.notify = in.number<std::uint8_t>();
    recipient.original = in.text();
  }
  return in.ok();
}

template <typename T>
bool decode_choice(Decoder& in, T& value, T last) {
  const auto number = in.number<std::uint8_t>();
  if (number > static_cast<std::uint8_t>(last)) return false;
  value = static_cast<T>(number);
  return in.ok();
}

void encode(Encoder& out, const Progress& progress, std::size_t words) {
  out.number(progress.attempts);
  out.number(static_cast<std::uint64_t>(progress.next));
  out.text(progress.why, words);
  out.number(static_cast<std::uint32_t>(progress.verdicts.size()));
  for (const auto& [recipient, verdict] : progress.verdicts) {
    out.number(recipient);
    out.number(static_cast<std::uint8_t>(verdict.kind));
    out.number(verdict.code);
    out.text(verdict.status, words);
    out.text(verdict.text, words);
    out.text(verdict.host, words);
  }
  out.number(static_cast<std::uint8_t>((progress.delay_told ? kDelayTold : 0) | (progress.held ? kHeld : 0) |
                                       (progress.returned ? kReturned : 0)));
  out.text(progress.route);
}

constexpr std::size_t kVerdictLeast = 4 + 1 + 2 + 3 * 2;

}  // namespace

std::size_t envelope_size(const mail::Envelope& envelope) {
  Encoder out(nullptr);
  encode(out, envelope);
  return out.used();
}

void write_envelope(std::uint8_t* at, const mail::Envelope& envelope) {
  Encoder out(at);
  encode(out, envelope);
}

bool read_envelope(Bytes bytes, mail::Envelope& envelope) {
  Decoder in(bytes);
  envelope.sender = decode_path(in);
  if (!decode_recipients(in, envelope) || !decode_choice(in, envelope.body, mail::Body::binary_mime))
    return false;
  envelope.smtputf8 = in.number<std::uint8_t>() != 0;
  if (!decode_choice(in, envelope.ret, mail::Return::headers)) return false;
  envelope.envelope_id = in.text();
  envelope.declared_size = in.number<std::uint64_t>();
  in.into(envelope.client.bytes);
  envelope.helo = in.text();
  envelope.esmtp = in.number<std::uint8_t>() != 0;
  envelope.tls_version = in.text();
  envelope.tls_cipher = in.text();
  envelope.arrival = WallTime(Duration(static_cast<std::int64_t>(in.number<std::uint64_t>())));
  if (!in.ok()) return false;
  if (in.left() == 0) return true;  // written before mail could go out
  const auto flags = in.number<std::uint8_t>();
  envelope.require_tls = (flags & kRequireTls) != 0;
  envelope.submitted = (flags & kSubmitted) != 0;
  envelope.authenticated = (flags & kAuthenticated) != 0;
  return true;
}

std::size_t write_progress(MutableBytes room, const Progress& progress, bool shorten) {
  for (std::size_t words = 1024;; words /= 2) {
    Encoder measure(nullptr);
    encode(measure, progress, words);
    if (measure.used() <= room.size()) {
      Encoder out(room.data());
      encode(out, progress, words);
      return out.used();
    }
    if (words == 0 || !shorten) return 0;
  }
}

bool read_progress(Bytes bytes, Progress& progress) {
  Decoder in(bytes);
  progress.attempts = in.number<std::uint32_t>();
  progress.next = static_cast<std::int64_t>(in.number<std::uint64_t>());
  progress.why = in.text();
  const auto count = in.number<std::uint32_t>();
  if (!in.ok() || count > in.left() / kVerdictLeast) return false;
  progress.verdicts.resize(count);
  for (auto& [recipient, verdict] : progress.verdicts) {
    recipient = in.number<std::uint32_t>();
    if (!decode_choice(in, verdict.kind, Verdict::Kind::failed)) return false;
    verdict.code = in.number<std::uint16_t>();
    verdict.status = in.text();
    verdict.text = in.text();
    verdict.host = in.text();
  }
  if (!in.ok()) return false;
  if (in.left() == 0) return true;  // written before mail could go out
  const auto flags = in.number<std::uint8_t>();
  progress.delay_told = (flags & kDelayTold) != 0;
  progress.held = (flags & kHeld) != 0;
  progress.returned = (flags & kReturned) != 0;
  progress.route = in.text();
  return in.ok();
}

}  // namespace postern::spool
