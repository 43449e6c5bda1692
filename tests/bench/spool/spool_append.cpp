// What a message costs in the spool: the engine alone over a disk in memory, then engine and writer on a real
// one.
//
// usage: bench-spool [--seconds N] [--directory DIR] [--bytes N]
// One line of JSON per measurement. Each message is taken in, stored, handed out, read, settled as delivered
// and its space reclaimed, so what is counted is its whole life.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "tests/firmware/dataplane/spool_driver.hpp"

using namespace postern;
using namespace postern::dataplane;
using namespace postern::dataplane::test;

namespace {

struct Options {
  double seconds = 3;
  std::string directory = "/tmp";
  std::vector<std::size_t> bytes = {4096, 102'400, 10'000'000};
};

mail::Envelope an_envelope(std::size_t bytes) {
  mail::Envelope envelope;
  envelope.sender = {"newsletter", "sender.example"};
  envelope.recipients.push_back({{"somebody", "office.example"}, 0, ""});
  envelope.helo = "mx.sender.example";
  envelope.tls_version = "TLSv1.3";
  envelope.tls_cipher = "TLS_AES_256_GCM_SHA384";
  envelope.declared_size = bytes;
  return envelope;
}

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}
double process_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}
double wall_seconds() {
  return static_cast<double>(now().instant.time_since_epoch().count()) * 1e-9;
}

// Takes messages in as far as the spool lets it and delivers what is stored; the disk is the caller's.
class Load {
 public:
  Load(spool::Spool& spool, std::size_t bytes, std::size_t at_once)
      : spool_(spool), body_(bytes, 'x'), envelope_(an_envelope(bytes)), at_once_(at_once) {}

  // One turn; `time` is read by the caller, as a poll loop does.
  void turn(Now time) {
    while (open_ < at_once_ && begin(time)) {
    }
    for (auto& one : taking_) feed(one, time);
    std::erase_if(taking_, [](const auto& one) { return one.id == 0; });
    for (const auto& event : spool_.events()) {
      if (event.kind != spool::EventKind::stored && event.kind != spool::EventKind::not_stored) continue;
      --open_;
      stored_ += event.kind == spool::EventKind::stored;
      refused_ += event.kind == spool::EventKind::not_stored;
    }
    spool_.clear_events();
    spool::Owed owed;
    while (delivering_.size() < 16 && spool_.due(time, owed)) delivering_.push_back({owed.id, 0});
    for (auto& one : delivering_) deliver(one, time);
    std::erase_if(delivering_, [](const auto& one) { return one.id == 0; });
  }

  std::uint64_t stored() const { return stored_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t refused() const { return refused_; }

 private:
  struct One {
    spool::MessageId id = 0;
    std::size_t at = 0;
  };

  bool begin(Now time) {
    const auto id = spool_.begin(envelope_, time);
    if (!id) return false;
    ++open_;
    taking_.push_back({*id, 0});
    return true;
  }
  void feed(One& one, Now time) {
    const auto left = as_bytes(body_).subspan(one.at);
    one.at += spool_.append(one.id, left);
    if (one.at < body_.size()) return;
    spool_.finish(one.id, time);
    one.id = 0;
  }
  void deliver(One& one, Now time) {
    for (;;) {
      const auto piece = spool_.body(one.id, one.at);
      if (piece.empty()) break;
      one.at += piece.size();
    }
    if (one.at < body_.size()) return;
    const spool::Spool::Settled done{0, {}};
    spool_.settle(one.id, {&done, 1}, time);
    ++delivered_;
    one.id = 0;
  }

  spool::Spool& spool_;
  std::string body_;
  mail::Envelope envelope_;
  std::size_t at_once_;
  std::size_t open_ = 0;
  std::vector<One> taking_;
  std::vector<One> delivering_;
  std::uint64_t stored_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t refused_ = 0;
};

// Answers at once: what is left is the engine's own work. Reads come from memory that looks like the record.
void engine_alone(std::size_t bytes, double seconds) {
  spool::Settings settings;
  spool::Counters counters;
  spool::Spool spool(settings, counters);
  spool.recovered(now());
  if (bytes > settings.cached_message_bytes) return;  // would have to read back
  Load load(spool, bytes, 32);
  const auto cpu = thread_seconds();
  const auto began = wall_seconds();
  while (wall_seconds() - began < seconds) {
    for (int i = 0; i < 16; ++i) {
      const auto time = now();
      load.turn(time);
      spool::DiskOrder order;
      while (spool.next_order(order)) spool.answered({spool::DiskAnswer::Status::ok, order.ticket}, time);
    }
  }
  const auto used = thread_seconds() - cpu;
  const auto count = static_cast<double>(load.delivered());
  std::printf(
      "{\"bench\":\"spool engine\",\"bytes\":%zu,\"messages_per_core_second\":%.0f,"
      "\"microseconds_per_message\":%.2f,\"megabytes_per_core_second\":%.0f,\"orders_per_message\":%.2f}\n",
      bytes, count / used, used / count * 1e6, count * static_cast<double>(bytes) / used / 1e6,
      static_cast<double>(counters.orders) / count);
}

int on_disk(std::size_t bytes, const Options& options) {
  ScratchDirectory scratch(options.directory);
  SpoolWriterCounters counters;
  spool::Settings settings;
  auto writer = SpoolWriter::start({scratch.path() + "/spool", 1, settings.segment_bytes}, counters);
  if (!writer) {
    std::fprintf(stderr, "bench-spool: %s\n", writer.error().reason.c_str());
    return 1;
  }
  SpoolDriver driver(**writer, settings);
  if (const auto recovered = driver.recover(); !recovered) return 1;
  Load load(driver.spool(), bytes, bytes > 1'000'000 ? 8 : 64);
  const auto began = wall_seconds();
  const auto mine = thread_seconds();
  const auto all = process_seconds();
  while (wall_seconds() - began < options.seconds) {
    load.turn(now());
    if (!driver.turn()) ::usleep(20);
  }
  const auto took = wall_seconds() - began;
  const auto core = thread_seconds() - mine;
  const auto both = process_seconds() - all;
  const auto count = static_cast<double>(load.stored());
  std::printf(
      "{\"bench\":\"spool on disk\",\"bytes\":%zu,\"messages_per_second\":%.0f,\"megabytes_per_second\":%.1f,"
      "\"messages_per_group\":%.1f,\"sync_milliseconds\":%.2f,\"longest_sync_milliseconds\":%.1f,"
      "\"core_microseconds_per_message\":%.1f,\"writer_microseconds_per_message\":%.1f,\"refused\":%llu}\n",
      bytes, count / took, count * static_cast<double>(bytes) / took / 1e6,
      count / static_cast<double>(std::max<Counter>(counters.syncs, 1)),
      static_cast<double>(counters.sync_nanoseconds) /
          static_cast<double>(std::max<Counter>(counters.syncs, 1)) / 1e6,
      static_cast<double>(counters.longest_sync_nanoseconds) / 1e6, core / count * 1e6,
      (both - core) / count * 1e6, static_cast<unsigned long long>(load.refused()));
  driver.settle();
  return 0;
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 >= argc) return false;
    if (name == "--seconds") {
      options.seconds = std::atof(argv[i + 1]);
    } else if (name == "--directory") {
      options.directory = argv[i + 1];
    } else if (name == "--bytes") {
      options.bytes = {static_cast<std::size_t>(std::strtoull(argv[i + 1], nullptr, 10))};
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--seconds N] [--directory DIR] [--bytes N]\n", argv[0]);
    return 2;
  }
  for (const auto bytes : options.bytes) engine_alone(bytes, options.seconds);
  for (const auto bytes : options.bytes) {
    if (const auto status = on_disk(bytes, options); status != 0) return status;
  }
  return 0;
}
