// postern-reporter: the order of its start. Control's settings first, then the database, then its powers go,
// then it counts and sends.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "firmware/control/reporter/service/desk.hpp"
#include "firmware/control/reporter/service/powers.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/message.hpp"
#include "platform/log/log.hpp"
#include "platform/process/powers.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

namespace {

using namespace postern;

constexpr int kPatienceMilliseconds = 10000;

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "reporter", reason);
  return status;
}

Result<ipc::SettingsView, Fault> hear(const process::Descriptor& control) {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer{};
  process::Packet packet;
  if (!process::wait_readable(control.get(), kPatienceMilliseconds) ||
      process::receive_packet(control, buffer, packet) != process::ReceiveStatus::packet)
    return fault("control says nothing");
  ipc::MessageFault why{};
  const auto message = ipc::open_message(Bytes(buffer).first(packet.size), why);
  if (!message || message->kind != ipc::MessageKind::reporter_settings)
    return fault("control is of another version");
  const auto snapshot =
      process::map_received(packet.descriptors[0], 1, ipc::kMostSnapshotBytes, process::Sharing::frozen);
  if (!snapshot) return tl::unexpected(snapshot.error());
  auto settings = ipc::SettingsView::read(snapshot->bytes());
  if (!settings) return fault(std::string(settings.error().reason));
  return std::move(*settings);
}

// Afterwards only what is there can be written in.
Result<void, Fault> make_directories(const process::Reach& reach) {
  for (const auto& path : reach.writable) {
    if (path.empty()) continue;
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return fault("cannot make " + path + ": " + failed.message());
  }
  return {};
}

int run(const std::string& socket_path) {
  auto control = process::accept_owner(socket_path, kPatienceMilliseconds);
  if (!control) return complain(control.error().reason, 1);
  const auto settings = hear(*control);
  if (!settings) return complain(settings.error().reason, 1);
  log::set_level(
      static_cast<log::Level>(ipc::read_level(settings->text("log.level")).value_or(ipc::Level::info)));
  auto options = reporter::service_options(*settings);
  if (!options) return complain(options.error().reason, 1);
  ::umask(077);
  const auto powers = reporter::reporter_powers(*options);
  if (const auto made = make_directories(*powers.reach); !made) return complain(made.error().reason, 1);
  if (const auto entered = process::enter(powers); !entered) return complain(entered.error().reason, 1);
  reporter::Desk desk(std::move(*options), std::move(*control));
  desk.start();
  if (const auto confined = process::confine(powers); !confined) return complain(confined.error().reason, 1);
  if (!desk.serve()) return 1;
  log::write(log::Level::notice, "reporter", "control is gone: ending");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version")
    return std::printf("postern-reporter %s\n", POSTERN_VERSION) < 0;
  if (argc != 3 || std::string_view(argv[1]) != "--socket") {
    std::fputs("usage: postern-reporter --socket PATH\npostern-control starts it; it is of no use alone.\n",
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
