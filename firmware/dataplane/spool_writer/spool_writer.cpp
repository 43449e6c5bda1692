// The spool writer's face: start, stop, recovery.
#include "firmware/dataplane/spool_writer/spool_writer.hpp"

#include <fcntl.h>
#include <pthread.h>

#include <cstring>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "firmware/dataplane/spool_writer/writer_state.hpp"
#include "platform/clock/clock.hpp"

namespace postern::dataplane {
namespace {

constexpr unsigned kRingEntries = 1024;

}  // namespace

SpoolWriter::State::State(const SpoolWriterSettings& settings, SpoolDirectory&& directory,
                          SpoolWriterCounters& counters)
    : settings_(settings), directory_(std::move(directory)), counters_(counters) {
  for (std::size_t shard = 0; shard < settings.shards; ++shard) {
    queues_.push_back(std::make_unique<SpoolQueue>());
    const auto path = shard_directory(settings.directory, shard);
    shard_directories_.emplace_back(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
}

SpoolWriter::State::~State() {
  if (ring_open_) io_uring_queue_exit(&ring_);
}

Result<void, Fault> SpoolWriter::State::open_ring() {
  for (const auto& directory : shard_directories_) {
    if (!directory) return fault("spool: cannot open " + settings_.directory + "; check its rights");
  }
  const auto error = io_uring_queue_init(kRingEntries, &ring_, 0);
  if (error == 0) {
    ring_open_ = true;
    return {};
  }
  return fault(std::string("spool: io_uring cannot be used: ") + std::strerror(-error) +
               "; it needs Linux 5.11 or later with kernel.io_uring_disabled=0");
}

SpoolWriter::SpoolWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

SpoolWriter::~SpoolWriter() {
  stop();
}

Result<std::unique_ptr<SpoolWriter>, Fault> SpoolWriter::start(const SpoolWriterSettings& settings,
                                                               SpoolWriterCounters& counters) {
  auto directory = SpoolDirectory::open(settings.directory, settings.shards);
  if (!directory) return tl::unexpected(directory.error());
  auto state = std::make_unique<State>(settings, std::move(*directory), counters);
  if (auto opened = state->open_ring(); !opened) return tl::unexpected(opened.error());
  state->look_at_space();
  auto* inside = state.get();
  state->thread_ = std::thread([inside] { inside->run(); });
  pthread_setname_np(state->thread_.native_handle(), "spool-writer");
  return std::unique_ptr<SpoolWriter>(new SpoolWriter(std::move(state)));
}

void SpoolWriter::stop() {
  state_->stop_.store(true, std::memory_order_release);
  if (state_->thread_.joinable()) state_->thread_.join();
}

SpoolQueue& SpoolWriter::queue(std::size_t shard) {
  return *state_->queues_[shard];
}

Result<void, Fault> SpoolWriter::recover(std::size_t shard, spool::Spool& spool) const {
  return state_->directory_.recover(shard, spool, {clock::kernel_instant(), clock::kernel_wall()});
}

}  // namespace postern::dataplane
