// `postern dkim`: keys that sign mail, and their DNS records.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/dkim/generate.hpp"
#include "firmware/dkim/record.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::cli {

namespace {

Result<dkim::Key, Fault> read_key(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault("cannot read " + path + ": " + std::strerror(errno));
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  auto key = dkim::Key::from_pem(pem);
  if (!key) return fault(path + ": " + std::string(key.error().reason));
  return std::move(*key);
}

Json record_json(const ipc::DkimKeyFile& file, const dkim::Key& key) {
  const auto service = file.tls_reports_only ? dkim::Service::tls_reports : dkim::Service::any;
  return {{"domain", file.domain},
          {"selector", file.selector},
          {"file", file.key},
          {"algorithm", dkim::text(key.algorithm())},
          {"name", file.selector + "._domainkey." + file.domain},
          {"record", dkim::key_record(key, service)},
          {"zone_line", dkim::zone_line(file.domain, file.selector, key, service)}};
}

int show_record(const Invocation& invocation, const ipc::DkimKeyFile& file) {
  const auto key = read_key(file.key);
  if (!key) return complain(key.error().reason, kFailed);
  const auto json = record_json(file, *key);
  if (invocation.json) return print(json);
  std::printf("%s\n", json["zone_line"].get<std::string>().c_str());
  return kDone;
}

int list(const Invocation& invocation) {
  const auto reply = ask(invocation, {{"command", "settings"}});
  if (reply.status != kDone) return reply.status;
  const auto values = reply.json["values"].value("dkim.keys", std::string());
  Json all = Json::array();
  int status = kDone;
  for (const auto text : ipc::split_list(values)) {
    const auto file = ipc::read_dkim_key(text);
    if (!file) continue;
    if (const auto key = read_key(file->key); key) {
      all.push_back(record_json(*file, *key));
    } else {
      status = complain(key.error().reason, kFailed);
    }
  }
  if (invocation.json) return print(all), status;
  if (all.empty() && status == kDone)
    std::puts(
        "No keys: mail leaves unsigned. 'postern dkim make' makes one; dkim.keys in the settings takes it.");
  for (const auto& one : all) std::printf("%s\n", one["zone_line"].get<std::string>().c_str());
  return status;
}

Result<void, Fault> write_new(const std::string& path, const std::string& pem) {
  const process::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fault("cannot make " + path + ": " + std::strerror(errno));
  if (::write(file.get(), pem.data(), pem.size()) != static_cast<ssize_t>(pem.size()) ||
      ::fsync(file.get()) != 0) {
    const std::string why = std::strerror(errno);
    ::unlink(path.c_str());
    return fault("cannot write " + path + ": " + why);
  }
  return {};
}

int make(const Invocation& invocation, const ipc::DkimKeyFile& file) {
  const auto option = [&](const char* name, const char* fallback) {
    const auto found = invocation.given.find(name);
    return found == invocation.given.end() ? std::string(fallback) : found->second;
  };
  const auto kind = option("-a", "rsa");
  if (kind != "rsa" && kind != "ed25519") return complain("-a is rsa or ed25519, not '" + kind + "'", kUsage);
  const auto bits = ipc::read_integer(option("-b", "2048"));
  if (!bits || *bits > 4096) return complain("-b is a number of bits from 2048 to 4096", kUsage);
  const auto algorithm = kind == "rsa" ? dkim::Algorithm::rsa_sha256 : dkim::Algorithm::ed25519_sha256;
  const auto pem = dkim::generate_key(algorithm, static_cast<int>(*bits));
  if (!pem) return complain(pem.error().reason, kUsage);
  if (const auto written = write_new(file.key, *pem); !written)
    return complain(written.error().reason, kFailed);
  if (!invocation.json) std::puts("Put this into the DNS:");
  const int status = show_record(invocation, file);
  if (status != kDone || invocation.json) return status;
  std::printf(
      "\nand this into the settings, once the record can be seen:\n[[dkim.keys]]\ndomain = \"%s\"\nselector "
      "= \"%s\"\n"
      "key = \"%s\"\n%s",
      file.domain.c_str(), file.selector.c_str(), file.key.c_str(),
      file.tls_reports_only ? "service = \"tlsrpt\"\n" : "");
  return kDone;
}

}  // namespace

int dkim_command(const Invocation& invocation) {
  const auto& words = invocation.words;
  if (words.empty() || (words.size() == 1 && words[0] == "list")) return list(invocation);
  if (words.size() != 4 || (words[0] != "make" && words[0] != "record"))
    return complain("make and record take DOMAIN SELECTOR FILE; see 'postern dkim --help'", kUsage);
  char* whole = ::realpath(words[3].c_str(), nullptr);
  const std::string path = whole != nullptr ? whole : words[3];
  std::free(whole);
  const ipc::DkimKeyFile file{ipc::lower(words[1]), ipc::lower(words[2]), path,
                              invocation.given.count("--tlsrpt") != 0};
  if (!ipc::is_domain(file.domain) || !ipc::is_domain(file.selector))
    return complain("'" + words[1] + "' and '" + words[2] + "' have to be a domain and a selector", kUsage);
  return words[0] == "make" ? make(invocation, file) : show_record(invocation, file);
}

}  // namespace postern::control::cli
