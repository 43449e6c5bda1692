// Decisions from the snapshot table: look a random domain up among a million, decide for its best host.
//
//   bench-policy [domains] [seconds] [readers]
//
// Measured in CPU time of the reading thread: one by one, in groups as a packet core has them (Internet::pump
// lets the memory of sixteen destinations come before it decides for the first), and in groups while a writer
// publishes as fast as it can on another thread. Beside it what one dependent read of memory that is in no
// cache takes here: a single lookup cannot be faster. With readers > 1 the slowest is told. A quarter of the
// domains has DANE, a quarter an enforced MTA-STS policy, a tenth both.
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <array>
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
constexpr std::size_t kGroup = 16;
static_assert(kBatch % kGroup == 0);

// One batch: the names are made before the clock starts.
void decide_batch(const TableReader& reader, const std::vector<std::string>& names, std::size_t group,
                  MutableBytes buffer, Tally& tally) {
  const policy::Settings settings;
  const MessageWishes message;
  const auto begun = cpu_ns();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (group > 1 && i % group == 0) {
      std::array<std::string_view, kGroup> next;
      std::copy_n(names.begin() + static_cast<std::ptrdiff_t>(i), group, next.begin());
      reader.prefetch(next);
    }
    const auto view = FactsView::front(reader.lookup_front(names[i], 2, buffer));
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

void read_for(const TableReader& reader, std::uint64_t domains, std::size_t group, std::uint64_t seed,
              const std::atomic<bool>& over, Tally& tally) {
  std::vector<std::uint64_t> room(kMostEncoded / 8);
  const MutableBytes buffer(reinterpret_cast<std::uint8_t*>(room.data()), kMostEncoded);
  Random random{seed};
  std::vector<std::string> names(kBatch);
  char text[40];
  while (!over) {
    for (auto& name : names) name = name_of_domain(random.next() % domains, text);
    decide_batch(reader, names, group, buffer, tally);
  }
}

// The slowest reader's figures.
Tally run(const TableReader& reader, TableWriter* writer, std::uint64_t domains, std::size_t group,
          int seconds, int readers, std::uint64_t& published) {
  std::atomic<bool> over{false};
  std::vector<Tally> tallies(static_cast<std::size_t>(readers));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    threads.emplace_back(
        [&, i] { read_for(reader, domains, group, 88172645463325252u + i, over, tallies[i]); });
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

// One read after the other, each address from what the last one gave.
double read_ns(Bytes memory) {
  constexpr int kReads = 1'000'000;
  const std::uint64_t lines = memory.size() / 64;
  std::uint64_t at = 1;
  const auto begun = cpu_ns();
  for (int i = 0; i < kReads; ++i) {
    const auto value = *reinterpret_cast<const volatile std::uint64_t*>(memory.data() + at % lines * 64);
    at = (at + (value & 1)) * 6364136223846793005u + 1442695040888963407u;
    at ^= at >> 29;
  }
  return static_cast<double>(cpu_ns() - begun) / kReads;
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
  const auto single = run(*reader, nullptr, domains, 1, seconds, readers, published);
  const auto grouped = run(*reader, nullptr, domains, kGroup, seconds, readers, published);
  const auto busy = run(*reader, &*writer, domains, kGroup, seconds, readers, published);
  std::printf(
      "{\n  \"domains\": %llu, \"table_mib\": %zu, \"publish_us\": %.2f, \"readers\": %d, \"memory_ns\": "
      "%.1f,\n",
      static_cast<unsigned long long>(writer->counters().table_entries), memory.size() >> 20,
      static_cast<double>(filled) / 1000 / static_cast<double>(domains), readers, read_ns(memory));
  print("one_by_one", single);
  print("in_groups", grouped);
  print("while_publishing", busy);
  std::printf("  \"published_per_second\": %llu\n}\n",
              static_cast<unsigned long long>(published / static_cast<std::uint64_t>(seconds)));
  return 0;
}
