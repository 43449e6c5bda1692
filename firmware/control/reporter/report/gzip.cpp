#include "firmware/control/reporter/report/gzip.hpp"

#include <zlib.h>

#include <array>

namespace postern::reporter {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, gzip wrapping
constexpr std::size_t kPiece = 65536;

class Inflater {
 public:
  Inflater() { usable_ = ::inflateInit2(&stream_, kGzipWindow) == Z_OK; }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<std::string, Fault> run(std::string_view packed, std::size_t most) {
    if (!usable_) return fault("no memory to unpack with");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    std::string plain;
    while (true) {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      const auto made = buffer_.size() - stream_.avail_out;
      if (made > most - plain.size())
        return fault("more than " + std::to_string(most) + " bytes are packed in it");
      plain.append(reinterpret_cast<const char*>(buffer_.data()), made);
      if (status == Z_STREAM_END) {
        if (stream_.avail_in == 0) return plain;
        // RFC 1952 §2.2: members simply follow each other.
        if (::inflateReset(&stream_) != Z_OK) return fault("no memory to unpack with");
        continue;
      }
      if (status != Z_OK && status != Z_BUF_ERROR) return fault("the gzip data is damaged");
      if (made == 0 && stream_.avail_in == 0) return fault("the gzip data is cut short");
    }
  }

 private:
  z_stream stream_{};
  std::array<Bytef, kPiece> buffer_;
  bool usable_ = false;
};

}  // namespace

std::string gzip(std::string_view plain) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string packed(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = ::deflate(&stream, Z_FINISH);
  packed.resize(status == Z_STREAM_END ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return packed;
}

Result<std::string, Fault> gunzip(std::string_view packed, std::size_t most) {
  if (!is_gzip(packed)) return fault("this is no gzip data");
  return Inflater().run(packed, most);
}

bool is_gzip(std::string_view text) {
  return text.starts_with("\x1f\x8b");
}

}  // namespace postern::reporter
