#include "firmware/dataplane/report_post.hpp"

namespace postern::dataplane {

void ReportPost::take(std::uint32_t core, const shard::ReportMail& mail, Instant now) {
  Open open{.ticket = mail.ticket, .until = now + kPatience};
  open.over = !send_({.shard = core, .ticket = mail.ticket}, mail.message);
  open_[core] = open;
}

void ReportPost::kept(const ipc::ReportKept& kept) {
  const auto found = open_.find(kept.shard);
  if (found == open_.end() || found->second.ticket != kept.ticket) return;
  found->second.over = true;
  found->second.kept = kept.kept;
}

void ReportPost::turn(Instant now) {
  std::erase_if(open_, [&](const auto& one) {
    const auto& [core, open] = one;
    if (!open.over && now < open.until) return false;
    return answer_(core, {open.ticket, open.kept});
  });
}

}  // namespace postern::dataplane
