// The one thread that touches the spool's disk: takes orders from the packet cores, carries them out through
// io_uring, answers when they are durable.
//
// Group commit: while one group of a file is being written and synced, the next one gathers; a group is a few
// writes (orders that touch are one) and one fdatasync, linked, given to the kernel in one call. Shards have
// files of their own, so their groups go on side by side; reads overtake writes.
//
// A packet core never makes a system call for this: it pushes into a ring, and the writer looks. Busy, the
// writer waits for the kernel's completions and looks at the rings at least every kLookEvery; with nothing to
// do it sleeps kRestFirst, doubling to kRestMost, so an idle box wakes it about two thousand times a second
// and a message waits half a millisecond longer at most.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "firmware/dataplane/spool_writer/counters.hpp"
#include "firmware/spool/disk.hpp"
#include "firmware/spool/spool.hpp"
#include "platform/base/result.hpp"
#include "platform/base/spsc_ring.hpp"

namespace postern::dataplane {

// Between one packet core and the writer. A spool has fewer orders under way than this
// (spool::Settings::orders), so an answer always finds room.
struct SpoolQueue {
  static constexpr std::size_t kOrders = 4096;
  SpscRing<spool::DiskOrder, kOrders> orders;
  SpscRing<spool::DiskAnswer, kOrders> answers;
  std::atomic<std::uint64_t> free_bytes{~std::uint64_t{0}};  // of the file system, looked up every second
};

struct SpoolWriterSettings {
  std::string directory;
  std::size_t shards = 1;
  std::uint64_t segment_bytes = 64u << 20;  // reserved for a new file; the spools' own setting
};

class SpoolWriter {
 public:
  // Makes and locks the directory and starts the thread. `counters` outlives the writer.
  static Result<std::unique_ptr<SpoolWriter>, Fault> start(const SpoolWriterSettings& settings,
                                                           SpoolWriterCounters& counters);
  // Ends the thread after everything pushed so far is answered. The spools' memory has to be there until
  // then.
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;
  void stop();

  SpoolQueue& queue(std::size_t shard);

  // Brings a new spool to where this directory was left, and gives it the directory's salt. Before the first
  // order of that shard, on the thread that owns the spool.
  Result<void, Fault> recover(std::size_t shard, spool::Spool& spool) const;

 private:
  struct State;
  explicit SpoolWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::dataplane
