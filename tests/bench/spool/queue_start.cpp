// How long a long queue takes to come back after a restart, and how much memory it takes.
//
// usage: bench-queue-start [--messages N] [--bytes N] [--domains N] [--directory DIR]
//
// One process fills a spool through the real writer and ends; the files leave the page cache; another process
// recovers them. One line of JSON: seconds by the wall and of the processor, memory when all is there and at
// its most.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "tests/firmware/dataplane/spool_driver.hpp"

using namespace postern;
using namespace postern::dataplane;
using namespace postern::dataplane::test;

namespace {

struct Options {
  std::uint32_t messages = 1'000'000;
  std::size_t bytes = 4096;
  std::uint32_t domains = 10'000;
  std::string directory = "/tmp";
};

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// "VmRSS" or "VmHWM" of this process, in MB.
long memory(const std::string& which) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(which)) return std::atol(line.c_str() + which.size() + 1) / 1024;
  }
  return 0;
}

mail::Envelope an_envelope(std::uint32_t number, const Options& options) {
  mail::Envelope envelope;
  envelope.sender = {"newsletter", "office.example"};
  envelope.recipients.push_back(
      {{"somebody" + std::to_string(number), "d" + std::to_string(number % options.domains) + ".example"},
       0,
       ""});
  envelope.helo = "mail.office.example";
  envelope.tls_version = "TLSv1.3";
  envelope.tls_cipher = "TLS_AES_256_GCM_SHA384";
  envelope.submitted = true;
  return envelope;
}

spool::Settings settings_for(const Options& options) {
  spool::Settings settings;
  settings.messages = options.messages + 1000;
  return settings;
}

// Takes the spool's events; how many messages were stored.
std::uint32_t take_stored(spool::Spool& spool) {
  std::uint32_t stored = 0;
  for (const auto& event : spool.events()) stored += event.kind == spool::EventKind::stored;
  spool.clear_events();
  return stored;
}

int fill(const std::string& directory, const Options& options) {
  SpoolWriterCounters counters;
  const auto settings = settings_for(options);
  auto writer = SpoolWriter::start({directory, 1, settings.segment_bytes}, counters);
  if (!writer) return 1;
  SpoolDriver driver(**writer, settings);
  if (!driver.recover()) return 1;
  const std::string body = "Subject: one of many\r\n\r\n" + std::string(options.bytes, 'x');
  std::uint32_t begun = 0;
  std::uint32_t stored = 0;
  while (stored < options.messages) {
    while (begun < options.messages && begun - stored < 256) {
      const auto id = driver.spool().begin(an_envelope(begun, options), now());
      if (!id || driver.spool().append(*id, as_bytes(body)) < body.size()) return 1;
      driver.spool().finish(*id, now());
      ++begun;
    }
    if (!driver.turn()) ::usleep(20);
    stored += take_stored(driver.spool());
  }
  driver.settle();
  return 0;
}

void forget_pages(const std::string& directory) {
  const auto shard = shard_directory(directory, 0);
  const auto segments = segments_in(shard);
  if (!segments) return;
  for (const auto number : *segments) {
    const int file = ::open((shard + "/" + spool::segment_file_name(number)).c_str(), O_RDONLY | O_CLOEXEC);
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

int start(const std::string& directory, const Options& options) {
  SpoolWriterCounters counters;
  const auto settings = settings_for(options);
  const auto wall = seconds_of(CLOCK_MONOTONIC);
  const auto cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  auto writer = SpoolWriter::start({directory, 1, settings.segment_bytes}, counters);
  if (!writer) return 1;
  SpoolDriver driver(**writer, settings);
  const auto before = memory("VmRSS");
  if (!driver.recover()) return 1;
  const auto took = seconds_of(CLOCK_MONOTONIC) - wall;
  const auto used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  const auto after = memory("VmRSS");
  spool::Owed owed;
  std::uint32_t due = 0;
  while (due < 1000 && driver.spool().due(now(), owed)) ++due;
  std::printf(
      "{\"bench\":\"queue start\",\"messages\":%zu,\"bytes\":%zu,\"seconds\":%.2f,\"cpu_seconds\":%.2f,"
      "\"queue_mb\":%ld,\"most_mb\":%ld,\"bytes_per_message\":%ld,\"due_at_once\":%u}\n",
      driver.spool().size(), options.bytes, took, used, after - before, memory("VmHWM"),
      (after - before) * 1024 * 1024 / static_cast<long>(std::max<std::size_t>(driver.spool().size(), 1)),
      due);
  return driver.spool().size() == options.messages ? 0 : 1;
}

// In a process of its own, so that memory is counted from nothing.
int apart(const std::function<int()>& work) {
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child == 0) {
    const int status = work();
    std::fflush(nullptr);
    ::_exit(status);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 >= argc) return false;
    const auto number = std::strtoul(argv[i + 1], nullptr, 10);
    if (name == "--directory") {
      options.directory = argv[i + 1];
    } else if (name == "--messages" && number > 0) {
      options.messages = static_cast<std::uint32_t>(number);
    } else if (name == "--bytes") {
      options.bytes = number;
    } else if (name == "--domains" && number > 0) {
      options.domains = static_cast<std::uint32_t>(number);
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
    std::fprintf(stderr, "usage: %s [--messages N] [--bytes N] [--domains N] [--directory DIR]\n", argv[0]);
    return 2;
  }
  ScratchDirectory scratch(options.directory);
  const auto directory = scratch.path() + "/spool";
  if (apart([&] { return fill(directory, options); }) != 0) {
    std::fprintf(stderr, "%s: the spool could not be filled\n", argv[0]);
    return 1;
  }
  forget_pages(directory);
  return apart([&] { return start(directory, options); });
}
