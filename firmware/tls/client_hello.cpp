// See client_hello.hpp.
#include "firmware/tls/client_hello.hpp"

#include <algorithm>

namespace postern::tls {
namespace {

// A cursor that never runs past its end: after a short read every further read is empty and `good` is false.
class Reader {
 public:
  explicit Reader(Bytes bytes) : left_(bytes) {}

  Bytes take(std::size_t n) {
    if (left_.size() < n) {
      good_ = false;
      left_ = {};
      return {};
    }
    const auto taken = left_.first(n);
    left_ = left_.subspan(n);
    return taken;
  }
  std::uint8_t u8() {
    const auto bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : bytes[0];
  }
  std::uint16_t u16() {
    const auto bytes = take(2);
    return bytes.empty() ? std::uint16_t{0} : load_be16(bytes.data());
  }
  Bytes vector8() { return take(u8()); }
  Bytes vector16() { return take(u16()); }
  bool empty() const { return left_.empty(); }
  bool good() const { return good_; }

 private:
  Bytes left_;
  bool good_ = true;
};

constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

// RFC 6066 §3. A name that is no host name is treated as none: the default certificate answers.
bool read_server_name(Bytes body, ClientHello& hello) {
  Reader extension(body);
  Reader list(extension.vector16());
  while (extension.good() && list.good() && !list.empty()) {
    const auto type = list.u8();
    const auto name = list.vector16();
    if (type != 0 || !list.good() || name.size() > hello.name_buffer.size() || hello.name_length != 0)
      continue;
    std::transform(name.begin(), name.end(), hello.name_buffer.begin(),
                   [](std::uint8_t c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    auto length = name.size();
    if (length > 1 && hello.name_buffer[length - 1] == '.') --length;
    const auto* begin = hello.name_buffer.data();
    if (std::all_of(begin, begin + length, is_name_character)) {
      hello.name_length = static_cast<std::uint8_t>(length);
    }
  }
  return extension.good() && list.good();
}

bool read_groups(Bytes body, ClientHello& hello) {
  Reader extension(body);
  Reader list(extension.vector16());
  hello.has_groups = true;
  while (extension.good() && list.good() && !list.empty()) {
    const auto group = list.u16();
    hello.group_p256 |= group == 0x0017;
    hello.group_p384 |= group == 0x0018;
  }
  return extension.good() && list.good();
}

bool read_signature_algorithms(Bytes body, ClientHello& hello) {
  Reader extension(body);
  Reader list(extension.vector16());
  hello.has_signature_algorithms = true;
  while (extension.good() && list.good() && !list.empty()) {
    const auto scheme = list.u16();
    hello.ecdsa_p256 |= scheme == 0x0403;
    hello.ecdsa_p384 |= scheme == 0x0503;
    hello.rsa_pss |= scheme == 0x0804 || scheme == 0x0805 || scheme == 0x0806;
    hello.rsa_pkcs1 |= scheme == 0x0401 || scheme == 0x0501 || scheme == 0x0601;
  }
  return extension.good() && list.good();
}

bool read_versions(Bytes body, ClientHello& hello) {
  Reader extension(body);
  Reader list(extension.vector8());
  while (extension.good() && list.good() && !list.empty()) hello.offers_tls13 |= list.u16() == 0x0304;
  return extension.good() && list.good();
}

struct Extension {
  std::uint16_t type;
  bool (*read)(Bytes, ClientHello&);
};
constexpr Extension kExtensions[] = {
    {0, read_server_name}, {10, read_groups}, {13, read_signature_algorithms}, {43, read_versions}};

bool read_extensions(Bytes extensions, ClientHello& hello) {
  Reader reader(extensions);
  while (reader.good() && !reader.empty()) {
    const auto type = reader.u16();
    const auto body = reader.vector16();
    if (!reader.good()) return false;
    for (const auto& known : kExtensions) {
      if (known.type == type && !known.read(body, hello)) return false;
    }
  }
  return reader.good();
}

void read_suites(Bytes suites, ClientHello& hello) {
  Reader reader(suites);
  while (!reader.empty()) {
    const auto suite = reader.u16();
    hello.ecdhe_ecdsa_suite |= suite == 0xc02b || suite == 0xc02c || suite == 0xcca9;
    hello.ecdhe_rsa_suite |= suite == 0xc02f || suite == 0xc030 || suite == 0xcca8;
  }
}

}  // namespace

Result<ClientHello> parse_client_hello(Bytes message) {
  Reader reader(message);
  const auto type = reader.u8();
  const auto length_high = reader.u8();
  const auto body = reader.take(std::size_t{length_high} << 16 | reader.u16());
  if (!reader.good() || type != 1) return fail("not a ClientHello");
  ClientHello hello;
  Reader fields(body);
  fields.take(2 + 32);  // legacy_version, random
  fields.vector8();     // legacy_session_id
  read_suites(fields.vector16(), hello);
  fields.vector8();  // legacy_compression_methods
  if (!fields.good()) return fail("malformed ClientHello");
  if (fields.empty()) return hello;
  const auto extensions = fields.vector16();
  if (!fields.good() || !fields.empty() || !read_extensions(extensions, hello)) {
    return fail("malformed ClientHello extensions");
  }
  return hello;
}

HelloGather::Step HelloGather::feed(Bytes& input) {
  while (!input.empty()) {
    const auto n = std::min(wanted_, input.size());
    records_.insert(records_.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(n));
    input = input.subspan(n);
    wanted_ -= n;
    // The first byte tells plain text from TLS: no need to wait for five.
    if (records_[record_at_] != 22) return Step::not_tls;
    if (wanted_ != 0) continue;
    const auto step = in_body_ ? body_complete() : header_complete();
    if (step != Step::more) return step;
  }
  return Step::more;
}

HelloGather::Step HelloGather::header_complete() {
  const auto* header = records_.data() + record_at_;
  const auto length = load_be16(header + 3);
  // RFC 8446 §5.1: a record of handshake messages is never empty and holds at most 2^14 bytes.
  if (header[1] != 3 || length == 0 || length > 16384) return Step::not_tls;
  if (message_.size() + length > kMaxClientHello || record_at_ > kMaxClientHello) return Step::malformed;
  in_body_ = true;
  wanted_ = length;
  return Step::more;
}

HelloGather::Step HelloGather::body_complete() {
  message_.insert(message_.end(), records_.begin() + static_cast<std::ptrdiff_t>(record_at_ + 5),
                  records_.end());
  record_at_ = records_.size();
  in_body_ = false;
  wanted_ = 5;
  if (message_[0] != 1) return Step::malformed;
  if (message_.size() < 4) return Step::more;
  const auto length = (std::size_t{message_[1]} << 16 | load_be16(message_.data() + 2)) + 4;
  if (length > kMaxClientHello) return Step::malformed;
  if (message_.size() < length) return Step::more;
  return message_.size() == length ? Step::complete : Step::malformed;
}

void HelloGather::clear() {
  records_ = {};
  message_ = {};
}

}  // namespace postern::tls
