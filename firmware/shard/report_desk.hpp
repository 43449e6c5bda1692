// Takes mail for the address of TLS reports out of the queue and hands it to control, which keeps it for the
// reporter.
//
// A carrier's work without sessions. One message at a time is read from the spool; its recipient is settled
// only when control said that it has the message on disk, else the message waits in the queue as any other: a
// report comes twice at most, and is never lost. Whoever takes a mail has to answer it, whatever happens.
#pragma once

#include <deque>
#include <vector>

#include "firmware/shard/part.hpp"
#include "firmware/shard/report_mail.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::shard {

class ReportDesk {
 public:
  static constexpr std::size_t kMost = 64;  // waiting; more come later

  explicit ReportDesk(Shard::State& shard) : shard_(shard) {}

  // Whether mail for this recipient ends here.
  bool takes(const mail::Path& recipient) const;
  void add(Part part);
  // A bounded piece of work.
  void pump();
  // True where the event was about the message being read.
  bool on_spool(const spool::Event& event);
  // The next mail to hand out; null: none.
  const ReportMail* next();
  void answered(const ReportAnswer& answer);
  // There is work that does not wait for disk or control.
  bool busy() const { return step_ == Step::idle ? !waiting_.empty() : step_ == Step::reading && !blocked_; }

 private:
  enum class Step : std::uint8_t { idle, reading, ready, given };

  void read();
  void end();

  Shard::State& shard_;
  std::deque<Part> waiting_;
  Part part_;
  std::vector<std::uint8_t> bytes_;
  ReportMail mail_;
  std::uint64_t last_ticket_ = 0;
  Step step_ = Step::idle;
  bool blocked_ = false;  // the spool has to fetch the next piece
};

}  // namespace postern::shard
