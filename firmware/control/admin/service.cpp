// The admin process as a whole: see the header.
#include "firmware/control/admin/service.hpp"

#include <sodium.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "firmware/control/admin/api/api.hpp"
#include "firmware/control/admin/beginning.hpp"
#include "firmware/control/admin/lookup/world.hpp"
#include "firmware/control/admin/powers.hpp"
#include "firmware/control/admin/server/files.hpp"
#include "firmware/control/admin/server/server.hpp"
#include "firmware/ipc/message.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::admin {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kTlsArena = 64u << 20;
constexpr std::chrono::seconds kReportEvery(1);

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
}

// The line to control: its end is ours, and every second it hears how we are.
class Line {
 public:
  Line(asio::io_context& context, process::Descriptor control, std::function<Json()> facts)
      : control_(std::move(control)),
        watch_(context, ::dup(control_.get())),
        timer_(context),
        facts_(std::move(facts)) {
    watch();
    report();
  }

 private:
  void watch() {
    watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                        std::array<std::uint8_t, ipc::kMostMessageBytes> buffer{};
                        process::Packet packet;
                        const auto status = process::receive_packet(control_, buffer, packet);
                        if (error || status == process::ReceiveStatus::closed)
                          return static_cast<asio::io_context&>(watch_.get_executor().context()).stop();
                        watch();
                      });
  }
  void report() {
    auto message = ipc::begin_message(ipc::MessageKind::admin_report);
    message.text(facts_().dump());
    process::send_packet(control_, message.take());
    timer_.expires_after(kReportEvery);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) report();
    });
  }

  process::Descriptor control_;
  asio::posix::stream_descriptor watch_;
  asio::steady_timer timer_;
  std::function<Json()> facts_;
};

// Everything after enter(): the files are ours, the port is open.
Result<void, Fault> run(Beginning beginning, const process::Powers& powers, const std::string& door_path,
                        const std::string& web) {
  asio::io_context context(1);
  const Document document;
  const auto& directory = beginning.facts.directory;
  People people(people_path(directory));
  auto audit = Audit::open(audit_path(directory));
  if (!audit) return tl::unexpected(audit.error());
  FirstCode first_code(first_code_path(directory));
  if (!people.any_owner()) {
    if (auto made = first_code.prepare(); !made) return made;
  }
  ControlDoor door(door_path);
  Backoff backoff;
  Backoff step_backoff;
  World world(beginning.lookup, beginning.own, door);
  const Files files(web);
  const auto seed = rng::system_seed();
  if (!seed) return tl::unexpected(seed.error());
  tls::Counters counters;
  tls::Settings settings;
  settings.arena_bytes = kTlsArena;
  // Tickets end with the process: nobody else could open them.
  tls::TicketKeys tickets;
  ::randombytes_buf(tickets.keys[0].name.data(), tickets.keys[0].name.size());
  ::randombytes_buf(tickets.keys[0].secret.data(), tickets.keys[0].secret.size());
  auto tls = tls::Core::create(settings, {beginning.credential}, tickets, *seed, counters);
  if (!tls) return tl::unexpected(tls.error());
  (*tls)->enter_thread();

  std::unique_ptr<Server> server;
  const auto publish = [&](const std::string& kind, const Json& event) {
    if (server) server->publish(kind, event.dump(-1, ' ', false, Json::error_handler_t::replace));
  };
  Figures figures(door, publish);
  Jobs jobs(publish);
  Rooms rooms{beginning.facts, document, people,     *audit, backoff, step_backoff, door,
              figures,         jobs,     first_code, world};
  Api api(rooms);
  server =
      std::make_unique<Server>(context, std::move(beginning.listener), **tls, [&](const Request& request) {
        const bool to_api = request.path.starts_with("/api/") || request.path == "/metrics";
        return to_api ? api.handle(request, wall_seconds()) : files.get(request);
      });
  figures.start();
  if (const auto confined = process::confine(powers); !confined) return tl::unexpected(confined.error());
  server->start();
  const Line line(context, std::move(beginning.control), [&]() -> Json {
    return {{"address", beginning.facts.address},
            {"fingerprint", beginning.facts.fingerprint},
            {"setup_needed", !people.any_owner()},
            {"connections", server->connections()},
            {"entered", beginning.entered}};
  });
  log::write(log::Level::notice, "admin",
             "answers on https://" + beginning.facts.address + "/, " + beginning.entered);
  context.run();
  server->stop();
  return {};
}

}  // namespace

Result<void, Fault> serve(const std::string& socket_path, const std::string& door, const std::string& web) {
  auto beginning = begin(socket_path);
  if (!beginning) return tl::unexpected(beginning.error());
  const auto powers = admin_powers(beginning->facts.directory, web, door, beginning->lookup);
  if (auto prepared = prepare_directory(beginning->facts.directory, powers.user); !prepared) return prepared;
  const auto entered = process::enter(powers);
  if (!entered) return tl::unexpected(entered.error());
  beginning->entered = entered->said();
  return run(std::move(*beginning), powers, door, web);
}

}  // namespace postern::admin
