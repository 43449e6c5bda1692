// What the disk is to do next, and what its answers mean.
//
// A place in a segment is given to records the moment their order is handed out, in that order; a write that
// is refused closes its segment, so nothing is ever written behind a region whose content is not known.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {

namespace {

bool is_write(Outstanding::What what) {
  using What = Outstanding::What;
  return what == What::chunk || what == What::log || what == What::header || what == What::copy_write;
}

}  // namespace

bool Spool::State::next_order(DiskOrder& order) {
  serve_waiting();
  if (free_orders_.empty()) return false;
  if (order_read(order) || order_remove(order)) return true;
  reclaim_step();
  return order_copy(order) || order_log(order) || order_chunk(order);
}

void Spool::State::issue(DiskOrder& order, const Outstanding& outstanding, DiskOrder::Kind kind,
                         std::uint8_t* data) {
  const auto index = free_orders_.back();
  free_orders_.pop_back();
  const auto serial = orders_[index].serial + 1;
  orders_[index] = outstanding;
  orders_[index].serial = serial;
  order.kind = kind;
  order.ticket = std::uint64_t{serial} << 16 | index;
  order.segment = outstanding.segment;
  order.offset = outstanding.offset;
  order.data = data;
  order.length = outstanding.length;
  ++counters_.orders;
  if (kind == DiskOrder::Kind::write) {
    counters_.bytes_written += outstanding.length;
    orders_[index].write = writes_gone_ + writes_.size();
    writes_.push_back({{outstanding.segment, outstanding.offset}, false});
  }
  if (kind != DiskOrder::Kind::remove) segments_.order_begun(outstanding.segment);
}

void Spool::State::answered(const DiskAnswer& answer, Now now) {
  now_ = now;
  const auto index = answer.ticket & 0xffff;
  if (index >= orders_.size() || orders_[index].what == Outstanding::What::none ||
      orders_[index].serial != static_cast<std::uint32_t>(answer.ticket >> 16)) {
    ++counters_.answers_unknown;
    return;
  }
  const auto order = orders_[index];
  orders_[index].what = Outstanding::What::none;
  free_orders_.push_back(static_cast<std::uint32_t>(index));
  using Handler = void (State::*)(const Outstanding&, DiskAnswer::Status);
  static constexpr std::array<Handler, 8> kHandlers = {nullptr,
                                                       &State::chunk_answered,
                                                       &State::log_answered,
                                                       &State::header_answered,
                                                       &State::read_answered,
                                                       &State::remove_answered,
                                                       &State::copy_answered,
                                                       &State::copy_answered};
  (this->*kHandlers[static_cast<std::size_t>(order.what)])(order, answer.status);
  if (is_write(order.what)) write_over(order.write);
  if (order.what != Outstanding::What::remove) segments_.order_over(order.segment);
  serve_waiting();
}

bool Spool::State::need_segment(std::uint64_t bytes) const {
  return current_closed_ || current_used_ + bytes > settings_.segment_bytes;
}

// Begins a new segment file with the record that opens it.
bool Spool::State::order_header(DiskOrder& order) {
  const auto free = std::find(header_in_use_.begin(), header_in_use_.end(), false);
  if (free == header_in_use_.end()) return false;
  const auto index = static_cast<std::uint32_t>(free - header_in_use_.begin());
  header_in_use_[index] = true;
  current_ = next_segment_++;
  if (run_ == 0) run_ = current_;
  current_used_ = 0;
  current_closed_ = false;
  segments_.add(current_);
  ++counters_.segments_begun;
  auto* data = headers_[index].data();
  write_segment_info(data + kRecordHeader, {settings_.salt, current_, run_, last_id_, settings_.shard});
  RecordHeader header;
  header.type = RecordType::segment;
  header.length = SegmentInfo::kSize;
  header.payload_crc = crc32c(0, {data + kRecordHeader, SegmentInfo::kSize});
  const auto size = record_size(SegmentInfo::kSize);
  const auto offset = place(size);
  write_record(data, header, current_, offset);
  Outstanding outstanding{Outstanding::What::header};
  outstanding.index = index;
  outstanding.segment = current_;
  outstanding.offset = offset;
  outstanding.length = static_cast<std::uint32_t>(size);
  issue(order, outstanding, DiskOrder::Kind::write, data);
  return true;
}

std::uint64_t Spool::State::place(std::uint64_t bytes) {
  const auto offset = current_used_;
  current_used_ += bytes;
  segments_.find(current_)->size = current_used_;
  return offset;
}

void Spool::State::write_record(std::uint8_t* at, RecordHeader header, SegmentNumber segment,
                                std::uint64_t offset) const {
  header.stamp = record_stamp(settings_.salt, segment, offset);
  write_header(at, header);
}

bool Spool::State::order_chunk(DiskOrder& order) {
  const auto index = ready_.first;
  if (index == kNoChunk) return false;
  auto& chunk = chunks_[index];
  if (need_segment(chunk.used)) return order_header(order);
  ready_.remove(chunks_, index);
  auto& message = slots_[chunk.slot];
  auto* data = pool_.data(index);
  const auto offset = place(chunk.used);
  occupy(message, current_, chunk.used);
  for (std::size_t i = 0; i < chunk.record_count; ++i) {
    const auto& record = chunk.records[i];
    RecordHeader header{
        record.type, message.generation, record.length, record.sequence, record.crc, message.id, 0};
    write_record(data + record.at, header, current_, offset + record.at);
    if (record.type != RecordType::body) continue;
    message.parts[chunk.part].segment = current_;
    message.parts[chunk.part].offset = offset + record.at;
  }
  message.commit_issued = message.commit_issued || chunk.has_commit;
  chunk.use = ChunkUse::writing;
  ++writes_under_way_;
  Outstanding outstanding{Outstanding::What::chunk};
  outstanding.index = index;
  outstanding.slot = chunk.slot;
  outstanding.segment = current_;
  outstanding.offset = offset;
  outstanding.length = chunk.used;
  issue(order, outstanding, DiskOrder::Kind::write, data);
  return true;
}

void Spool::State::chunk_answered(const Outstanding& order, DiskAnswer::Status status) {
  auto& message = slots_[order.slot];
  const auto& chunk = chunks_[order.index];
  --message.writes;
  --writes_under_way_;
  const bool ok = status == DiskAnswer::Status::ok;
  if (!ok) write_refused(status);
  const bool keep = ok && message.phase != Phase::dead && !message.failed && chunk.body_at != 0 &&
                    message.size <= settings_.cached_message_bytes;
  if (keep) {
    cache_chunk(order.index);
  } else {
    if (chunk.body_at != 0) message.parts[chunk.part].chunk = kNoChunk;
    free_chunk(order.index);
  }
  if (message.phase == Phase::dead) return free_if_over(order.slot);
  if (!ok) return fail_message(order.slot, status == DiskAnswer::Status::no_space);
  if (message.phase == Phase::committing) settle_commit(order.slot);
}

// What is at that place is not known now; and where space is out, more of the same will be refused too.
void Spool::State::write_refused(DiskAnswer::Status status) {
  const bool no_space = status == DiskAnswer::Status::no_space;
  ++(no_space ? counters_.writes_no_space : counters_.writes_failed);
  refused_no_space_ = refused_no_space_ || no_space;
  // Nothing is written behind a place that is not known, and nothing later proves that what was written till
  // now was durable: a new segment, a new run.
  current_closed_ = true;
  run_ = next_segment_;
}

// Everything before this place was answered.
Position Spool::State::durable() const {
  return writes_.empty() ? Position{current_, current_used_} : writes_.front().at;
}

void Spool::State::write_over(std::uint64_t write) {
  writes_[write - writes_gone_].over = true;
  for (; !writes_.empty() && writes_.front().over; ++writes_gone_) writes_.pop_front();
}

void Spool::State::header_answered(const Outstanding& order, DiskAnswer::Status status) {
  header_in_use_[order.index] = false;
  if (status != DiskAnswer::Status::ok) return write_refused(status);
  newest_durable_ = std::max(newest_durable_, order.segment);
  choose_victim_ = true;
  segments_.look_again();
}

bool Spool::State::order_remove(DiskOrder& order) {
  if (remove_paused_) return false;
  const auto number = segments_.take_removable(newest_durable_);
  if (number == 0) return false;
  Outstanding outstanding{Outstanding::What::remove};
  outstanding.segment = number;
  issue(order, outstanding, DiskOrder::Kind::remove, nullptr);
  return true;
}

void Spool::State::remove_answered(const Outstanding& order, DiskAnswer::Status status) {
  if (status != DiskAnswer::Status::ok) {
    ++counters_.removes_failed;
    remove_paused_ = true;  // until disk_space() is heard again
    return segments_.not_removed(order.segment);
  }
  ++counters_.segments_removed;
  segments_.removed(order.segment);
  refused_no_space_ = false;
  log_paused_ = false;
}

void Spool::State::disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes) {
  disk_free_ = free_bytes;
  disk_reserve_ = reserve_bytes;
  if (free_bytes > reserve_bytes) refused_no_space_ = false;
  log_paused_ = false;
  remove_paused_ = false;
  choose_victim_ = true;
}

bool Spool::State::accepting() const {
  return !refused_no_space_ && disk_free_ >= disk_reserve_ && ids_.size() < settings_.messages;
}

}  // namespace postern::spool
