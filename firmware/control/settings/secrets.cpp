// Certificates and keys from their files: see the header.
#include "firmware/control/settings/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

namespace {

constexpr std::size_t kMostPem = 16u << 20;

// What is wrong with the file; empty: `content` is it.
std::string read_file(const std::string& path, std::string& content) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return std::strerror(errno);
  if (!S_ISREG(facts.st_mode)) return "it is no file";
  if (static_cast<std::size_t>(facts.st_size) > kMostPem) return "it is larger than 16 MiB";
  content.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const auto got = ::read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::strerror(errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  content.resize(have);
  return "";
}

// Reads a PEM file that has to hold `label`; what is wrong goes to `faults`.
void read_pem(const std::string& path, std::string_view label, std::string_view setting, std::string& content,
              std::vector<ipc::SettingFault>& faults) {
  const auto wrong = read_file(path, content);
  if (!wrong.empty()) {
    faults.push_back({std::string(setting), "names " + path + ", which cannot be read: " + wrong,
                      "a file that root can read"});
  } else if (content.find(label) == std::string::npos) {
    faults.push_back({std::string(setting),
                      "names " + path + ", which holds no \"" + std::string(label) + "\"", "a PEM file"});
  }
}

void missing(std::string_view setting, std::string_view entry, std::string_view right,
             LoadedSecrets& loaded) {
  loaded.faults.push_back({std::string(setting),
                           "names keystore:" + std::string(entry) + ", which is not there",
                           std::string(right)});
}

void load_certificate(const ipc::CertificateFiles& files, const ipc::Grants* granted, LoadedSecrets& loaded) {
  constexpr std::string_view kSetting = "tls.certificates";
  ipc::Credential one;
  one.names = files.names;
  const auto entry = ipc::keystore_entry(files.key);
  if (entry && granted == nullptr) {
    loaded.waiting = true;
    return;
  }
  if (entry) {
    const auto* grant = granted->find(ipc::GrantKind::tls, *entry);
    if (grant == nullptr)
      return missing(kSetting, *entry, "an entry of kind tls for mail ('postern keys')", loaded);
    one.chain_pem = grant->chain;
    one.key_pem = grant->key;
  } else {
    read_pem(files.chain, "BEGIN CERTIFICATE", kSetting, one.chain_pem, loaded.faults);
    read_pem(files.key, "PRIVATE KEY", kSetting, one.key_pem, loaded.faults);
  }
  loaded.credentials.certificates.push_back(std::move(one));
}

// Of a family of the keystore, the key that signs now; while none does, mail leaves without that signature.
void load_signing_key(const ipc::DkimKeyFile& file, const ipc::Grants* granted, LoadedSecrets& loaded) {
  constexpr std::string_view kSetting = "dkim.keys";
  ipc::SigningKey one{file.domain, file.selector, "", file.tls_reports_only};
  const auto family = ipc::keystore_entry(file.key);
  if (family && granted == nullptr) {
    loaded.waiting = true;
    return;
  }
  if (family) {
    const auto* grant = granted->signing(*family);
    if (grant == nullptr) return;
    if (grant->domain != file.domain)
      return missing(kSetting, *family, "a key of " + file.domain + " ('postern keys')", loaded);
    one.selector = grant->selector;
    one.key_pem = grant->key;
  } else {
    read_pem(file.key, "PRIVATE KEY", kSetting, one.key_pem, loaded.faults);
  }
  loaded.credentials.signing_keys.push_back(std::move(one));
}

}  // namespace

LoadedSecrets load_secrets(const ipc::SettingValues& values, const ipc::Grants* granted) {
  LoadedSecrets loaded;
  const ipc::SettingsView view(0, values);
  for (const auto text : view.list("tls.certificates")) {
    if (const auto files = ipc::read_certificate(text)) load_certificate(*files, granted, loaded);
  }
  for (const auto text : view.list("dkim.keys")) {
    if (const auto file = ipc::read_dkim_key(text)) load_signing_key(*file, granted, loaded);
  }
  // MTA-STS (RFC 8461 §4.1) asks for the web PKI of any server on the internet.
  if (view.text("office.tls") == "webpki" || view.text("outbound.via") != "office") {
    read_pem(std::string(view.text("tls.trust_anchors")), "BEGIN CERTIFICATE", "tls.trust_anchors",
             loaded.credentials.trust_anchors_pem, loaded.faults);
  }
  if (const auto file = view.text("submission.client_ca"); !file.empty()) {
    read_pem(std::string(file), "BEGIN CERTIFICATE", "submission.client_ca",
             loaded.credentials.client_anchors_pem, loaded.faults);
  }
  return loaded;
}

}  // namespace postern::control
