// A tar archive in memory, scrubbed: see the header.
#include "firmware/control/cli/bundle/archive.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace postern::control::cli {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::string_view kRemoved = "[removed]";

struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char time[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char rest[247];
};
static_assert(sizeof(Header) == kBlock);

void octal(char* field, std::size_t room, std::uint64_t value) {
  std::snprintf(field, room, "%0*llo", static_cast<int>(room) - 1, static_cast<unsigned long long>(value));
}

Header header_of(const BundleFile& file, std::uint64_t seconds) {
  Header header{};
  std::memcpy(header.name, file.name.data(), std::min<std::size_t>(file.name.size(), sizeof header.name - 1));
  octal(header.mode, sizeof header.mode, 0600);
  octal(header.uid, sizeof header.uid, 0);
  octal(header.gid, sizeof header.gid, 0);
  octal(header.size, sizeof header.size, file.content.size());
  octal(header.time, sizeof header.time, seconds);
  header.type = '0';
  std::memcpy(header.magic, "ustar", 6);
  std::memcpy(header.version, "00", 2);
  std::memset(header.checksum, ' ', sizeof header.checksum);
  unsigned sum = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  for (std::size_t i = 0; i < sizeof header; ++i) sum += bytes[i];
  std::snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
  return header;
}

bool word_ends(char c) {
  return c == '"' || c == ' ' || c == '\n' || c == '\t' || c == '\'' || c == ',' || c == ';' || c == '<' ||
         c == '>';
}

// Everything from `begin` to the end of `end` is taken out, each time it stands there.
void remove_between(std::string& text, std::string_view begin, std::string_view end) {
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + kRemoved.size())) {
    const auto last = text.find(end, at + begin.size());
    const auto length = last == std::string::npos ? text.size() - at : last + end.size() - at;
    text.replace(at, length, kRemoved);
  }
}

// The word that begins with `begin`.
void remove_words(std::string& text, std::string_view begin) {
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + kRemoved.size())) {
    auto last = at + begin.size();
    while (last < text.size() && !word_ends(text[last])) ++last;
    text.replace(at, last - at, kRemoved);
  }
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// What follows NAME= or NAME: or "NAME": up to the end of the word.
void remove_values(std::string& text, std::string_view name) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  for (auto at = small.find(name); at != std::string::npos; at = small.find(name, at + 1)) {
    auto from = at + name.size();
    if (from < text.size() && text[from] == '"') ++from;
    if (from >= text.size() || (text[from] != '=' && text[from] != ':')) continue;
    ++from;
    while (from < text.size() && (text[from] == ' ' || text[from] == '"')) ++from;
    auto last = from;
    while (last < text.size() && !word_ends(text[last])) ++last;
    if (last == from) continue;
    text.replace(from, last - from, kRemoved);
    small.replace(from, last - from, kRemoved);
  }
}

bool local_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::strchr(".!#$%&*+/=?^_`{|}~-", c) != nullptr;
}

void remove_local_parts(std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '@' && !out.empty() && local_part(out.back())) {
      while (!out.empty() && local_part(out.back()) && out.back() != '\0') out.pop_back();
      out += "someone";
    }
    out += c;
  }
  text = std::move(out);
}

}  // namespace

std::string write_tar(const std::vector<BundleFile>& files, std::uint64_t seconds) {
  std::string out;
  for (const auto& file : files) {
    const auto header = header_of(file, seconds);
    out.append(reinterpret_cast<const char*>(&header), sizeof header);
    out += file.content;
    out.append((kBlock - file.content.size() % kBlock) % kBlock, '\0');
  }
  return out.append(2 * kBlock, '\0');
}

std::string scrub(std::string_view text, bool addresses) {
  std::string out(text);
  for (const char* label : {"PRIVATE KEY-----", "RSA PRIVATE KEY-----", "EC PRIVATE KEY-----"})
    remove_between(out, std::string("-----BEGIN ") + label, std::string("-----END ") + label);
  for (const char* hash : {"$argon2", "$scrypt$", "$2a$", "$2b$", "$5$", "$6$"}) remove_words(out, hash);
  for (const char* name : {"password", "passphrase", "secret", "token", "pepper"}) remove_values(out, name);
  if (addresses) remove_local_parts(out);
  return out;
}

}  // namespace postern::control::cli
