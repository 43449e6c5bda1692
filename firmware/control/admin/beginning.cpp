// How the admin process begins: see the header.
#include "firmware/control/admin/beginning.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "firmware/control/resolver/service/options.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/message.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::admin {

namespace {

constexpr int kPatienceMilliseconds = 10'000;
constexpr int kBacklog = 128;
constexpr std::size_t kMostPem = 256 * 1024;
constexpr std::uint16_t kDefaultPort = 443;

Result<std::string, Fault> text_in(const process::Descriptor& descriptor) {
  const auto memory = process::map_received(descriptor, 1, kMostPem, process::Sharing::frozen);
  if (!memory) return tl::unexpected(memory.error());
  return std::string(as_text(memory->bytes()));
}

Result<process::Descriptor, Fault> listen_on(const ipc::HostPort& address) {
  const auto endpoint = address.endpoint();
  if (!endpoint) return fault("admin.address: '" + address.host + "' is no address");
  const bool four = endpoint->address.is_v4();
  process::Descriptor socket(
      ::socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (four) {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(endpoint->port);
    std::memcpy(&in->sin_addr, endpoint->address.v4_bytes(), 4);
    size = sizeof *in;
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(endpoint->port);
    std::memcpy(&in->sin6_addr, endpoint->address.bytes.data(), 16);
    size = sizeof *in;
  }
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0)
    return fault("cannot listen on " + address.text() + ": " + std::strerror(errno));
  return socket;
}

// Which port the kernel chose, where it was asked to.
std::string bound_address(const process::Descriptor& listener, const ipc::HostPort& wanted) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return wanted.text();
  auto bound = wanted;
  bound.port =
      ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                         : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return bound.text();
}

OwnFacts own_facts(const ipc::SettingsView& view) {
  OwnFacts own;
  own.host_name = view.text("host_name");
  for (const auto& [name, value] : view.values()) {
    if (!name.starts_with("interface.") || !name.ends_with(".addresses")) continue;
    for (const auto one : ipc::split_list(value))
      if (!one.empty()) own.addresses.emplace_back(one.substr(0, one.find('/')));
  }
  return own;
}

Result<void, Fault> take_settings(const ipc::SettingsView& view, Beginning& beginning) {
  log::set_level(static_cast<log::Level>(ipc::read_level(view.text("log.level")).value_or(ipc::Level::info)));
  auto& facts = beginning.facts;
  facts.host_name = view.text("host_name");
  facts.directory = view.text("admin.directory");
  for (const auto one : view.list("domains.served")) facts.served.emplace_back(one);
  const auto seconds = [&](const char* name) {
    return std::chrono::duration_cast<std::chrono::seconds>(view.duration(name)).count();
  };
  facts.times = {seconds("admin.session_idle"), seconds("admin.session_life")};
  beginning.own = own_facts(view);
  auto options = resolver::service_options(view);
  if (!options) return tl::unexpected(options.error());
  beginning.lookup = std::move(options->lookup);
  beginning.lookup.dns.sockets = 64;
  beginning.lookup.dns.record_bytes = 4u << 20;
  beginning.lookup.dns.anchor_file.clear();  // the resolver keeps it
  const auto address = ipc::read_host_port(view.text("admin.address"), kDefaultPort);
  if (!address) return fault("admin.address is no address");
  auto listener = listen_on(*address);
  if (!listener) return tl::unexpected(listener.error());
  beginning.listener = std::move(*listener);
  facts.address = bound_address(beginning.listener, *address);
  return {};
}

}  // namespace

std::string fingerprint_of(const std::string& chain) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const auto begin = chain.find(kBegin);
  const auto end = chain.find("-----END", begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  const auto text = chain.substr(begin + kBegin.size(), end - begin - kBegin.size());
  std::vector<unsigned char> der(text.size());
  std::size_t size = 0;
  if (sodium_base642bin(der.data(), der.size(), text.data(), text.size(), "\r\n ", &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0)
    return {};
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256(digest.data(), der.data(), size);
  std::string out;
  for (const auto byte : digest) {
    std::array<char, 4> pair{};
    std::snprintf(pair.data(), pair.size(), "%02X", byte);
    out += (out.empty() ? "" : ":") + std::string(pair.data());
  }
  return out;
}

Result<Beginning, Fault> begin(const std::string& socket_path) {
  Beginning beginning;
  auto control = process::accept_owner(socket_path, kPatienceMilliseconds);
  if (!control) return tl::unexpected(control.error());
  beginning.control = std::move(*control);
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer{};
  process::Packet packet;
  if (!process::wait_readable(beginning.control.get(), kPatienceMilliseconds) ||
      process::receive_packet(beginning.control, buffer, packet) != process::ReceiveStatus::packet)
    return fault("control says nothing");
  ipc::MessageFault why{};
  const auto message = ipc::open_message(Bytes(buffer).first(packet.size), why);
  if (!message || message->kind != ipc::MessageKind::admin_settings)
    return fault("control is of another version");
  const auto snapshot =
      process::map_received(packet.descriptors[0], 1, ipc::kMostSnapshotBytes, process::Sharing::frozen);
  if (!snapshot) return tl::unexpected(snapshot.error());
  const auto settings = ipc::SettingsView::read(snapshot->bytes());
  if (!settings) return fault(std::string(settings.error().reason));
  auto chain = text_in(packet.descriptors[1]);
  if (!chain) return tl::unexpected(chain.error());
  auto key = text_in(packet.descriptors[2]);
  if (!key) return tl::unexpected(key.error());
  beginning.facts.fingerprint = fingerprint_of(*chain);
  beginning.credential = {{}, std::move(*chain), std::move(*key)};
  if (auto taken = take_settings(*settings, beginning); !taken) return tl::unexpected(taken.error());
  return beginning;
}

Result<void, Fault> prepare_directory(const std::string& directory, const std::string& user) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return fault("cannot make " + directory + ": " + failed.message());
  ::chmod(directory.c_str(), 0700);
  const auto* entry = ::geteuid() == 0 ? ::getpwnam(user.c_str()) : nullptr;
  if (entry == nullptr) return {};
  // Root's command line may have made files here.
  for (const auto& path :
       {directory, directory + "/people.sqlite", directory + "/audit.jsonl", directory + "/first-code"})
    [[maybe_unused]] const int ignored = ::lchown(path.c_str(), entry->pw_uid, entry->pw_gid);
  return {};
}

}  // namespace postern::admin
