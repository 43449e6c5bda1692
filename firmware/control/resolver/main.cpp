// postern-resolver: the order of its start. Control's settings and memory first, then the files it may reach,
// then its threads, then its powers go.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "firmware/control/resolver/service/desk.hpp"
#include "firmware/control/resolver/service/powers.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/log/log.hpp"
#include "platform/process/powers.hpp"
#include "platform/process/seqpacket.hpp"

namespace {

using namespace postern;

constexpr int kPatienceMilliseconds = 10'000;
constexpr std::size_t kMostTableBytes = 64ull << 30;
constexpr rlim_t kDescriptors = 65536;

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "resolver", reason);
  return status;
}

// What control says first: settings, then memory.
struct Beginning {
  ipc::SettingsView settings;
  resolver::Desk::Given given;
};

Result<process::Packet, Fault> expect(const process::Descriptor& control, ipc::MessageKind kind,
                                      std::span<std::uint8_t> buffer, Bytes& body) {
  process::Packet packet;
  if (!process::wait_readable(control.get(), kPatienceMilliseconds) ||
      process::receive_packet(control, buffer, packet) != process::ReceiveStatus::packet)
    return fault("control says nothing");
  ipc::MessageFault why{};
  const auto message = ipc::open_message(Bytes(buffer).first(packet.size), why);
  if (!message || message->kind != kind) return fault("control is of another version");
  body = message->body;
  return packet;
}

Result<Beginning, Fault> hear(process::Descriptor control) {
  Beginning beginning;
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer{};
  Bytes body;
  auto packet = expect(control, ipc::MessageKind::resolver_settings, buffer, body);
  if (!packet) return tl::unexpected(packet.error());
  const auto snapshot =
      process::map_received(packet->descriptors[0], 1, ipc::kMostSnapshotBytes, process::Sharing::frozen);
  if (!snapshot) return tl::unexpected(snapshot.error());
  auto settings = ipc::SettingsView::read(snapshot->bytes());
  if (!settings) return fault(std::string(settings.error().reason));
  beginning.settings = std::move(*settings);
  packet = expect(control, ipc::MessageKind::policy_memory, buffer, body);
  if (!packet) return tl::unexpected(packet.error());
  const auto memory = ipc::read_policy_memory(body);
  if (!memory) return fault("control sends something malformed");
  auto table =
      process::map_received(packet->descriptors[0], 1, kMostTableBytes, process::Sharing::both_write);
  const auto size = ipc::policy_lanes_size(memory->lanes);
  auto lanes = process::map_received(packet->descriptors[1], size, size, process::Sharing::both_write);
  if (!table) return tl::unexpected(table.error());
  if (!lanes) return tl::unexpected(lanes.error());
  beginning.given = {.control = std::move(control),
                     .table = std::move(*table),
                     .lanes_memory = std::move(*lanes),
                     .event = std::move(packet->descriptors[2]),
                     .lanes = memory->lanes};
  return beginning;
}

void raise_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_max = std::max(limit.rlim_max, kDescriptors);
  limit.rlim_cur = std::max(limit.rlim_cur, kDescriptors);
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void, Fault> limit_files(const resolver::ServiceOptions& options) {
  const auto entered = process::enter(resolver::resolver_powers(options));
  if (!entered) return tl::unexpected(entered.error());
  if (entered->reach == process::Reached::nothing)
    log::write(log::Level::warning, "resolver", "this kernel cannot limit which files the resolver reaches");
  return {};
}

int run(const std::string& socket_path) {
  auto control = process::accept_owner(socket_path, kPatienceMilliseconds);
  if (!control) return complain(control.error().reason, 1);
  auto beginning = hear(std::move(*control));
  if (!beginning) return complain(beginning.error().reason, 1);
  auto options = resolver::service_options(beginning->settings);
  if (!options) return complain(options.error().reason, 1);
  log::set_level(static_cast<log::Level>(
      ipc::read_level(beginning->settings.text("log.level")).value_or(ipc::Level::info)));
  std::error_code failed;
  std::filesystem::create_directories(options->directory, failed);
  if (failed) return complain("cannot make " + options->directory + ": " + failed.message(), 1);
  std::filesystem::permissions(options->directory, std::filesystem::perms::owner_all, failed);
  raise_descriptors();
  if (const auto limited = limit_files(*options); !limited) return complain(limited.error().reason, 1);
  auto anchors = resolver::read_https_anchors(options->lookup.https_anchors);
  if (!anchors) return complain(anchors.error().reason, 1);
  options->lookup.https.anchors_pem = std::move(*anchors);
  auto desk = resolver::Desk::create(*options, std::move(beginning->given));
  if (!desk) return complain(desk.error().reason, 1);
  (*desk)->start();
  if (const auto confined = process::confine(resolver::resolver_powers(*options)); !confined)
    return complain(confined.error().reason, 1);
  (*desk)->serve();
  log::write(log::Level::notice, "resolver", "control is gone: ending");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version")
    return std::printf("postern-resolver %s\n", POSTERN_VERSION) < 0;
  if (argc != 3 || std::string_view(argv[1]) != "--socket") {
    std::fputs("usage: postern-resolver --socket PATH\npostern-control starts it; it is of no use alone.\n",
               stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argv[2]);
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}
