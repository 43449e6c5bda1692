// A long queue leaves: a whole shard in a world in memory, a hundred thousand messages to ten thousand
// domains that share four mail hosts. The hosts refuse everything at first; then they are back.
//
//   bench-queue-drain [messages] [domains]
//
// (In simulated time: nothing but the schedule holds them back. How evenly they leave a real box, tools.bench
// tells.)
//
// One line of JSON: the simulated seconds until the last one was taken, messages per simulated second in each
// tenth of that time, CPU time of the shard with all its peers, the memory of the process, and what it took.
// Fails where a message is missing or comes twice. No TLS: what that costs others measure.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/firmware/shard/out_world.hpp"

using namespace postern;
using namespace std::chrono_literals;
using test::OutWorld;

namespace {

constexpr const char* kHosts[] = {"192.0.2.21", "192.0.2.22", "192.0.2.23", "192.0.2.24"};
constexpr std::size_t kBytes = 4096;

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

long memory(const std::string& which) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(which)) return std::atol(line.c_str() + which.size() + 1) / 1024;
  }
  return 0;
}

shard::Settings settings_for(std::uint32_t messages) {
  auto settings = OutWorld::out_settings();
  settings.tcp.connections = 1024;
  settings.spool.messages = messages + 1000;
  settings.spool.segment_bytes = 64u << 20;
  settings.spool.chunk_memory = 64u << 20;
  settings.spool.retry_first = 10s;
  settings.spool.retry_most = 60s;
  settings.outbound.retry_first = 10s;
  settings.outbound.retry_most = 60s;
  settings.server.offer_starttls = false;
  return settings;
}

std::string domain(std::uint32_t number) {
  return "d" + std::to_string(number) + ".example";
}

void fill(OutWorld& out, std::uint32_t messages, std::uint32_t domains) {
  for (std::uint32_t i = 0; i < domains; ++i) {
    const auto host = i % std::size(kHosts);
    out.policies.publish(
        test::FactsMaker(domain(i)).host("mx" + std::to_string(host) + ".provider.example", {kHosts[host]}));
  }
  std::string body = "Subject: x\r\n\r\n";
  while (body.size() < kBytes) body += std::string(70, 'x') + "\r\n";
  auto& spool = out.world.shard->spool();
  for (std::uint32_t i = 0; i < messages;) {
    mail::Envelope envelope;
    envelope.sender = {"ann", "example.org"};
    envelope.recipients.push_back({{"bob" + std::to_string(i), domain(i % domains)}, 0, ""});
    envelope.submitted = true;
    const auto id = spool.begin(envelope, out.world.now);
    if (id && spool.append(*id, as_bytes(body)) == body.size()) {
      spool.finish(*id, out.world.now);
      ++i;
    } else if (id) {
      spool.abandon(*id);
    }
    if (i % 64 == 0 || !id) out.world.run_for(1ms);
  }
}

// What the hosts have taken since the last look; the mails themselves are let go.
struct Taken {
  std::vector<std::uint8_t> seen;
  std::size_t count = 0;
  std::size_t twice = 0;

  void look(OutWorld& out) {
    for (const auto* address : kHosts) {
      auto& mails = out.servers.at(address).mails;
      for (const auto& mail : mails) {
        const auto number = std::strtoul(mail.envelope.recipients.at(0).path.local.c_str() + 3, nullptr, 10);
        if (number >= seen.size()) continue;
        twice += seen[number];
        count += seen[number] == 0;
        seen[number] = 1;
      }
      mails.clear();
    }
    out.world.told.lines.clear();
    out.sessions.clear();
    out.deferrals.clear();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const auto messages = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000);
  const auto domains = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10'000);
  OutWorld out(settings_for(messages));
  for (const auto* address : kHosts) {
    out.servers.at(address).requiretls = true;  // takes mail for everybody
    out.servers.at(address).refuse = "450";
  }
  Taken taken{.seen = std::vector<std::uint8_t>(messages)};
  fill(out, messages, domains);
  for (int i = 0; i < 60; ++i) {
    out.world.run_for(1s);
    taken.look(out);
  }
  const auto waiting = out.world.shard->spool().size();
  const auto full = memory("VmRSS");
  for (const auto* address : kHosts) out.servers.at(address).refuse.clear();
  const auto sessions = out.world.counters.sessions_out;
  const auto deferred = out.world.counters.messages_deferred;
  const auto cpu = cpu_seconds();
  std::vector<std::size_t> by_second;
  while (taken.count < messages && by_second.size() < 7200) {
    out.world.run_for(1s);
    taken.look(out);
    by_second.push_back(taken.count);
  }
  const auto used = cpu_seconds() - cpu;
  const auto seconds = by_second.size();
  std::printf(
      "{\"bench\":\"queue "
      "drain\",\"waiting\":%zu,\"domains\":%u,\"taken\":%zu,\"twice\":%zu,\"seconds\":%zu,",
      waiting, domains, taken.count, taken.twice, seconds);
  std::printf(
      "\"cpu_seconds\":%.1f,\"full_mb\":%ld,\"most_mb\":%ld,\"sessions\":%llu,\"deferred\":%llu,\"pace\":[",
      used, full, memory("VmHWM"),
      static_cast<unsigned long long>(out.world.counters.sessions_out - sessions),
      static_cast<unsigned long long>(out.world.counters.messages_deferred - deferred));
  std::size_t before = 0;
  for (std::size_t tenth = 1; tenth <= 10 && seconds >= 10; ++tenth) {
    const auto at = seconds * tenth / 10;
    const auto width = at - seconds * (tenth - 1) / 10;
    std::printf("%s%zu", tenth > 1 ? "," : "", (by_second[at - 1] - before) / width);
    before = by_second[at - 1];
  }
  std::printf("]}\n");
  return taken.count == messages && taken.twice == 0 ? 0 : 1;
}
