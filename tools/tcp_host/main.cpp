// tcp-host: our stack on any port. See --help, and README.md.
#include <fcntl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

#include "drivers/nic/idle.hpp"
#include "platform/clock/clock.hpp"
#include "platform/rng/system_seed.hpp"
#include "tools/tcp_host/device.hpp"
#include "tools/tcp_host/report.hpp"

namespace postern::tcp_host {
namespace {

volatile std::sig_atomic_t stop_asked = 0;
volatile std::sig_atomic_t report_asked = 0;

double cpu_seconds() {
  timespec spec{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spec);
  return static_cast<double>(spec.tv_sec) + static_cast<double>(spec.tv_nsec) / 1e9;
}

// Both may be there at once; each hears of its own connections.
class Work final : public Application {
 public:
  explicit Work(const Options& options) : services(options.serve, options.tcp.connections) {
    if (options.connect) client = std::make_unique<Client>(*options.connect, options.tcp.connections);
  }
  void on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) override {
    if (services.owns(event)) return services.on_event(tcp, event, now);
    if (client) client->on_event(tcp, event, now);
  }
  std::size_t advance(tcp::Engine& tcp, Instant now) override {
    return client && may_connect ? client->advance(tcp, now) : 0;
  }
  Instant next_deadline() const override { return client && may_connect ? client->next_deadline() : kNever; }

  Services services;
  std::unique_ptr<Client> client;
  bool may_connect = false;
};

class Program {
 public:
  Program(const Options& options, Device& device, clock::Clock& clock)
      : options_(options),
        device_(device),
        clock_(clock),
        work_(options),
        host_(device.port(), options.net, options.tcp),
        ports_{&device.port()},
        governor_({.may_sleep = !options.busy}, ports_) {
    host_.run(work_);
    work_.services.listen(host_.tcp());
  }

  int run() {
    began_ = clock_.now().instant;
    ended_ =
        options_.seconds > 0 ? began_ + Duration(static_cast<std::int64_t>(options_.seconds * 1e9)) : kNever;
    while (stop_asked == 0 && !turn()) {
    }
    write_report();
    if (work_.client == nullptr) return 0;
    const auto& result = work_.client->result();
    if (!result.fault.empty()) std::fprintf(stderr, "tcp-host: %s\n", result.fault.c_str());
    return result.failed == 0 && result.wrong == 0 &&
                   (work_.client->done() || result.started == result.connected)
               ? 0
               : 1;
  }

 private:
  // True where it is over.
  bool turn() {
    const Instant now = clock_.now().instant;
    const std::size_t work = host_.poll(now);
    if (!ready_) look_ready(now);
    if (report_asked != 0) {
      report_asked = 0;
      write_report();
    }
    if (now >= ended_) return true;
    if (work_.client && work_.client->done() && work_.services.counts().open == 0) return linger(now);
    governor_.after_poll(work > 0, now, host_.next_deadline());
    return false;
  }

  // Our last acknowledgments are on their way, or their peers ask for them again.
  bool linger(Instant now) {
    constexpr Duration kLinger = 250ms;
    if (ended_ == kNever || ended_ > now + kLinger) ended_ = now + kLinger;
    return false;
  }

  void look_ready(Instant now) {
    const auto& own = options_.interface.addresses;
    ready_ =
        std::ranges::all_of(own, [&](const auto& prefix) { return host_.net().is_local(prefix.address); });
    if (!ready_) return;
    std::printf("ready\n");
    std::fflush(stdout);
    if (work_.client == nullptr) return;
    const auto route = host_.net().route(options_.connect->to.address);
    if (!route) {
      std::fprintf(stderr, "tcp-host: %s\n", std::string(route.error().reason).c_str());
      ended_ = now;
      return;
    }
    work_.client->set_source(route->source);
    work_.may_connect = true;
  }

  void write_report() {
    if (options_.json.empty()) return;
    const auto text = report({.host = host_,
                              .port = device_.port(),
                              .faults = device_.faults(),
                              .services = &work_.services,
                              .client = work_.client.get(),
                              .cpu_seconds = cpu_seconds(),
                              .seconds = static_cast<double>((clock_.now().instant - began_).count()) / 1e9});
    // A reader sees the old file or the new one, never half of one.
    const std::string next = options_.json + ".new";
    std::FILE* file = std::fopen(next.c_str(), "we");
    if (file == nullptr) return std::perror(next.c_str());
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    if (std::rename(next.c_str(), options_.json.c_str()) != 0) std::perror(options_.json.c_str());
  }

  const Options& options_;
  Device& device_;
  clock::Clock& clock_;
  Work work_;
  Host host_;
  std::array<nic::Port*, 1> ports_;
  nic::IdleGovernor governor_;
  Instant began_{};
  Instant ended_ = kNever;
  bool ready_ = false;
};

void make_keys(Options& options) {
  const auto seed = rng::system_seed();
  if (!seed) {
    std::fprintf(stderr, "tcp-host: %s\n", seed.error().reason.c_str());
    std::exit(1);
  }
  rng::CoreRandom random(*seed);
  for (auto* key : {&options.tcp.isn_key, &options.tcp.cookie_key, &options.tcp.table_key, &options.net.key})
    random.fill(*key);
}

void apply_port(Options& options, const Device& device, nic::Port& port) {
  const bool checksum = port.facts().transmit_checksum;
  options.interface.mac = device.mac();
  options.interface.transmit_checksum = checksum;
  options.tcp.checksum_offload = checksum;
  options.net.interfaces = {options.interface};
  options.net.routes = options.routes;
}

int run(int count, char** given) {
  auto options = read_options(count, given);
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  std::signal(SIGUSR1, [](int) { report_asked = 1; });
  ::prctl(PR_SET_TIMERSLACK, 1);
  clock::Clock clock;
  const auto now = clock.now();
  const Duration offset = now.wall.time_since_epoch() - now.instant.time_since_epoch();
  auto device = Device::open(options, offset);
  if (!device) {
    std::fprintf(stderr, "tcp-host: %s\n", device.error().reason.c_str());
    return 1;
  }
  make_keys(options);
  apply_port(options, **device, (*device)->port());
  return Program(options, **device, clock).run();
}

}  // namespace
}  // namespace postern::tcp_host

int main(int count, char** given) {
  return postern::tcp_host::run(count, given);
}
