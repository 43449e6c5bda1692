#include "firmware/shard/report_desk.hpp"

#include <algorithm>
#include <utility>

#include "firmware/mail/text.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr int kPiecesPerTurn = 16;
constexpr Duration kComeAgain = std::chrono::seconds(10);

}  // namespace

bool ReportDesk::takes(const mail::Path& recipient) const {
  const auto& address = shard_.settings->recipients.tls_reports;
  return !address.empty() && mail::equals_ignoring_case(address, recipient.text());
}

void ReportDesk::add(Part part) {
  if (waiting_.size() >= kMost) {
    ++shard_.counters.shard.parts_spilled;
    return shard_.delivery.postpone(std::move(part), shard_.now.instant + kComeAgain);
  }
  waiting_.push_back(std::move(part));
}

void ReportDesk::pump() {
  if (step_ == Step::idle && !waiting_.empty()) {
    part_ = std::move(waiting_.front());
    waiting_.pop_front();
    if (part_.owed().bytes > kMostReportMail) {
      // Nothing that large is taken in; the settings or the limit changed meanwhile.
      return shard_.delivery.conclude(std::move(part_), {554, "5.3.4", "no TLS report is that large"}, {});
    }
    bytes_.clear();
    bytes_.reserve(static_cast<std::size_t>(part_.owed().bytes));
    blocked_ = false;
    step_ = Step::reading;
  }
  for (int i = 0; i < kPiecesPerTurn && step_ == Step::reading && !blocked_; ++i) read();
}

void ReportDesk::read() {
  const auto& owed = part_.owed();
  if (bytes_.size() < owed.bytes) {
    const Bytes piece = shard_.spool.body(owed.id, bytes_.size());
    blocked_ = piece.empty();  // body_ready will come
    const auto count = std::min<std::uint64_t>(piece.size(), owed.bytes - bytes_.size());
    bytes_.insert(bytes_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
    return;
  }
  // The last `front` bytes of what is stored come first.
  const auto front = std::min<std::uint64_t>(owed.marks.front, owed.bytes);
  std::rotate(bytes_.begin(), bytes_.end() - static_cast<std::ptrdiff_t>(front), bytes_.end());
  mail_ = {++last_ticket_, Bytes(bytes_)};
  step_ = Step::ready;
}

bool ReportDesk::on_spool(const spool::Event& event) {
  if (step_ != Step::reading || event.id != part_.owed().id) return false;
  if (event.kind == spool::EventKind::body_ready) blocked_ = false;
  if (event.kind == spool::EventKind::body_failed) {
    // Delivery finds the message set aside.
    shard_.delivery.lost();
    end();
  }
  // Sessions that carry other parts of the message have to hear of it, too.
  return false;
}

const ReportMail* ReportDesk::next() {
  if (step_ != Step::ready) return nullptr;
  step_ = Step::given;
  return &mail_;
}

void ReportDesk::answered(const ReportAnswer& answer) {
  if (step_ != Step::given || answer.ticket != mail_.ticket) return;
  auto part = std::move(part_);
  end();
  if (answer.kept) {
    ++shard_.counters.shard.tls_reports_taken;
    shard_.delivery.conclude(std::move(part), {250, "2.6.0", "kept as a TLS report"}, {});
  } else {
    shard_.delivery.conclude(std::move(part), {451, "4.3.0", "reports cannot be kept now"}, {});
  }
}

void ReportDesk::end() {
  part_ = {};
  bytes_ = {};
  mail_ = {};
  step_ = Step::idle;
}

}  // namespace postern::shard
