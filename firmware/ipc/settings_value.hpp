// The words of settings: how a value of each type is written, read and printed. Pure functions on text.
//
// One notation serves the settings file, the snapshot and what people see, so a value printed here is read
// back as the same value. Lists are elements joined by a line feed, which no element may hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/wire/address.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::ipc {

inline constexpr char kListSeparator = '\n';

// "host:port", "192.0.2.1:25", "[2001:db8::1]:25"; the port may be left out where `fallback_port` is given.
struct HostPort {
  std::string host;  // lower case name or the text of an address, without brackets
  std::uint16_t port = 0;
  std::optional<wire::Endpoint> endpoint() const;  // where `host` is an address
  std::string text() const;
};

// How a setting names an entry of the keystore where it names a file else: "keystore:mx".
inline constexpr std::string_view kKeystorePrefix = "keystore:";
// The entry's name; nothing where the text is a path.
std::optional<std::string_view> keystore_entry(std::string_view text);

// One certificate as the settings name it: which names it serves and the files it lies in, or the entry of
// the keystore that is both.
struct CertificateFiles {
  std::vector<std::string> names;
  std::string chain;
  std::string key;
};

// One key that signs mail, as the settings name it.
struct DkimKeyFile {
  std::string domain;
  std::string selector;
  std::string key;
  bool tls_reports_only = false;
};

std::optional<bool> read_boolean(std::string_view text);
std::optional<std::uint64_t> read_integer(std::string_view text);
// "65536", "64K", "64 KiB", "1G": units are powers of 1024.
std::optional<std::uint64_t> read_size(std::string_view text);
// "200ms", "30s", "5m", "12h", "5d": a whole number and a unit, which cannot be left out.
std::optional<Duration> read_duration(std::string_view text);
// Labels of letters, digits and hyphens (RFC 5321 §4.1.2); UTF-8 labels are allowed (RFC 6531 §3.3).
bool is_domain(std::string_view text);
bool is_mailbox(std::string_view text);
std::optional<HostPort> read_host_port(std::string_view text, std::uint16_t fallback_port);
// "a.example,b.example;/chain.pem;/key.pem"
std::optional<CertificateFiles> read_certificate(std::string_view text);
// "example.net;s2026;/key.pem" or "example.net;reports;/key.pem;tlsrpt"
std::optional<DkimKeyFile> read_dkim_key(std::string_view text);

std::string print_size(std::uint64_t bytes);
std::string print_duration(Duration duration);
std::string print_certificate(const CertificateFiles& files);
std::string print_dkim_key(const DkimKeyFile& file);

std::vector<std::string_view> split_list(std::string_view text, char separator = kListSeparator);
std::string join_list(const std::vector<std::string>& elements, std::string_view separator);
std::string lower(std::string_view text);

}  // namespace postern::ipc
