// Decisions from the snapshot table: look a random domain up among a million, decide for its best host.
//
//   bench-policy [domains] [seconds] [readers]
//
// Measured in CPU time of the reading thread, once with the table at rest and once while a writer publishes
// as fast as it can on another thread. With readers > 1 the slowest is told. A quarter of the domains has
// DANE, a quarter an enforced MTA-STS policy, a tenth both.
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/policy/table/table.hpp"

namespace {

using namespace postern;
using namespace postern::policy;

std::int64_t cpu_ns() {
  timespec spec{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spec);  // others may use the machine
  return spec.tv_sec * 1'000'000'000LL + spec.tv_nsec;
}

struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

const WallTime kNow = WallTime(std::chrono::hours(24 * 20000));

std::string_view name_of_domain(std::uint64_t number, char (&text)[40]) {
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "domain-%llu.example.net",
                                                       static_cast<unsigned long long>(number)))};
}

Facts facts_of(std::uint64_t number) {
  char text[40];
  Facts facts;
  facts.domain = facts.expanded = name_of_domain(number, text);
  facts.mx = MxKind::list;
  const bool dane = number % 4 == 0 || number % 10 == 3;
  const bool sts = number % 4 == 1 || number % 10 == 3;
  facts.mx_security = dane ? Security::secure : Security::insecure;
  for (int i = 1; i <= 2; ++i) {
    Host host;
    host.name = host.expanded = "mx" + std::to_string(i) + "." + facts.domain;
    host.addresses = {*wire::IpAddress::parse("2001:db8::25"), *wire::IpAddress::parse("192.0.2.25")};
    host.security = dane ? HostSecurity::secure : HostSecurity::insecure;
    if (dane) {
      host.tlsa_base = host.name;
      host.names = {host.name, facts.domain};
      host.tlsa_state = TlsaState::records;
      host.tlsa = {{3, 1, 1, std::vector<std::uint8_t>(32, 1)}, {3, 1, 1, std::vector<std::uint8_t>(32, 2)}};
    }
    facts.hosts.push_back(host);
  }
  facts.sts.state = StsState::absent;
  if (sts) {
    facts.sts = {
        .state = StsState::policy, .id = "20260101", .mode = StsMode::enforce, .mx = {"*." + facts.domain}};
    facts.sts.expires = kNow + std::chrono::hours(24);
    facts.sts.text = "version: STSv1\nmode: enforce\nmx: *." + facts.domain + "\nmax_age: 604800\n";
  }
  facts.expires = kNow + std::chrono::hours(1);
  return facts;
}

struct Tally {
  std::uint64_t decisions = 0;
  std::uint64_t misses = 0;
  std::uint64_t insists[9] = {};
  std::int64_t busy = 0;
  std::vector<double> batches;  // ns per decision of each
  // The value below which so many of a hundred batches lie.
  double percentile(std::size_t which) {
    if (batches.empty()) return 0;
    const auto at = batches.begin() + static_cast<std::ptrdiff_t>(batches.size() * which / 100);
    std::nth_element(batches.begin(), at, batches.end());
    return *at;
  }
  double each() const {
    return decisions == 0 ? 0 : static_cast<double>(busy) / static_cast<double>(decisions);
  }
};

constexpr std::size_t kBatch = 256;

// One batch: the names are made before the clock starts.
void decide_batch(const TableReader& reader, const std::vector<std::string>& names, MutableBytes buffer,
                  Tally& tally) {
  const policy::Settings settings;
  const MessageWishes message;
  const auto begun = cpu_ns();
  for (const auto& name : names) {
    const auto view = FactsView::front(reader.lookup_front(name, 2, buffer));
    if (!view) {
      ++tally.misses;
      continue;
    }
    const auto demand = decide(view->head(), view->host(0), message, nullptr, settings, kNow);
    ++tally.insists[static_cast<std::size_t>(demand.insist)];
    ++tally.decisions;
  }
  const auto took = cpu_ns() - begun;
  tally.busy += took;
  tally.batches.push_back(static_cast<double>(took) / static_cast<double>(names.size()));
}

void read_for(const TableReader& reader, std::uint64_t domains, std::uint64_t seed,
              const std::atomic<bool>& over, Tally& tally) {
  std::vector<std::uint64_t> room(kMostEncoded / 8);
  const MutableBytes buffer(reinterpret_cast<std::uint8_t*>(room.data()), kMostEncoded);
  Random random{seed};
  std::vector<std::string> names(kBatch);
  char text[40];
  while (!over) {
    for (auto& name : names) name = name_of_domain(random.next() % domains, text);
    decide_batch(reader, names, buffer, tally);
  }
}

// The slowest reader's figures.
Tally run(const TableReader& reader, TableWriter* writer, std::uint64_t domains, int seconds, int readers,
          std::uint64_t& published) {
  std::atomic<bool> over{false};
  std::vector<Tally> tallies(static_cast<std::size_t>(readers));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    threads.emplace_back([&, i] { read_for(reader, domains, 88172645463325252u + i, over, tallies[i]); });
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  Random random{4711};
  while (std::chrono::steady_clock::now() < until) {
    if (writer) {
      published += writer->publish(facts_of(random.next() % domains));
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  over = true;
  for (auto& thread : threads) thread.join();
  auto slowest = tallies[0];
  for (const auto& tally : tallies) {
    if (tally.each() > slowest.each()) slowest = tally;
  }
  return slowest;
}

MutableBytes map(std::size_t bytes) {
  constexpr std::size_t kHuge = std::size_t{2} << 20;
  bytes = (bytes + kHuge - 1) / kHuge * kHuge;
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) std::abort();
  madvise(at, bytes, MADV_HUGEPAGE);
  return {static_cast<std::uint8_t*>(at), bytes};
}

void print(const char* what, Tally tally) {
  std::printf(
      "  \"%s\": {\"ns_per_decision\": %.1f, \"median\": %.1f, \"tenth\": %.1f, \"decisions\": %llu, "
      "\"misses\": %llu, \"opportunistic\": %llu, "
      "\"dane\": %llu, \"pkix\": %llu, \"dane_and_pkix\": %llu},\n",
      what, tally.each(), tally.percentile(50), tally.percentile(10),
      static_cast<unsigned long long>(tally.decisions), static_cast<unsigned long long>(tally.misses),
      static_cast<unsigned long long>(tally.insists[4]), static_cast<unsigned long long>(tally.insists[6]),
      static_cast<unsigned long long>(tally.insists[7]), static_cast<unsigned long long>(tally.insists[8]));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t domains = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  const int readers = argc > 3 ? std::atoi(argv[3]) : 1;
  const TableSize size{.domains = domains, .entry_bytes = 768};
  const auto memory = map(table_bytes(size));
  auto writer = TableWriter::over(memory, size, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const auto begun = cpu_ns();
  for (std::uint64_t i = 0; i < domains; ++i) writer->publish(facts_of(i));
  const auto filled = cpu_ns() - begun;
  const auto reader = TableReader::over(memory);
  std::uint64_t published = 0;
  const auto quiet = run(*reader, nullptr, domains, seconds, readers, published);
  const auto busy = run(*reader, &*writer, domains, seconds, readers, published);
  std::printf("{\n  \"domains\": %llu, \"table_mib\": %zu, \"publish_us\": %.2f, \"readers\": %d,\n",
              static_cast<unsigned long long>(writer->counters().table_entries), memory.size() >> 20,
              static_cast<double>(filled) / 1000 / static_cast<double>(domains), readers);
  print("quiet", quiet);
  print("while_publishing", busy);
  std::printf("  \"published_per_second\": %llu\n}\n",
              static_cast<unsigned long long>(published / static_cast<std::uint64_t>(seconds)));
  return 0;
}
