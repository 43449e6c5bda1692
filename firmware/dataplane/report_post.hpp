// Reports about TLS that came by mail, on their way from a core to control, and the answers on their way back.
// RFC 8460 §5.3.
//
// Used on the housekeeping thread. Each mail gets exactly one answer, whatever becomes of the line to control:
// what is not answered in time was not kept, and the core tries it again later.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "firmware/ipc/reporting.hpp"
#include "firmware/shard/report_mail.hpp"
#include "platform/base/time.hpp"

namespace postern::dataplane {

class ReportPost {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(30);

  // `send` gives one to control, false where control is away; `answer` gives a core its answer, false where it
  // cannot take it now.
  using Send = std::function<bool(const ipc::ReportMail&, Bytes message)>;
  using Answer = std::function<bool(std::uint32_t core, const shard::ReportAnswer&)>;
  ReportPost(Send send, Answer answer) : send_(std::move(send)), answer_(std::move(answer)) {}

  void take(std::uint32_t core, const shard::ReportMail& mail, Instant now);
  void kept(const ipc::ReportKept& kept);
  // Gives answers that are due.
  void turn(Instant now);

 private:
  struct Open {
    std::uint64_t ticket = 0;
    Instant until{};
    bool over = false;
    bool kept = false;
  };

  Send send_;
  Answer answer_;
  std::map<std::uint32_t, Open> open_;  // by core: each gives one at a time
};

}  // namespace postern::dataplane
