#include "firmware/control/cli/queue_filter.hpp"

#include <algorithm>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

std::string domain_of(const std::string& address) {
  const auto at = address.rfind('@');
  return at == std::string::npos ? std::string() : ipc::lower(address.substr(at + 1));
}

bool sender_fits(const std::string& wanted, const std::string& sender) {
  if (wanted.starts_with('@')) return domain_of(sender) == wanted.substr(1);
  return ipc::lower(sender) == wanted;
}

Result<std::vector<spool::MessageId>, Fault> read_ids(const std::string& text) {
  std::vector<spool::MessageId> ids;
  for (const auto one : ipc::split_list(text, ',')) {
    const auto id = spool::message_id_of(one);
    if (id == 0) return fault("'" + std::string(one) + "' is no spool id: it has 16 hexadecimal digits");
    ids.push_back(id);
  }
  if (ids.empty()) return fault("--id needs at least one spool id");
  return ids;
}

}  // namespace

bool QueueFilter::fits(const spool::ListedMessage& message, WallTime now) const {
  if (!ids.empty() && std::find(ids.begin(), ids.end(), message.id) == ids.end()) return false;
  if (now - message.born < older) return false;
  if (from && !sender_fits(*from, message.envelope.sender.text())) return false;
  return !to_domain ||
         std::any_of(message.recipients.begin(), message.recipients.end(),
                     [&](const auto& one) { return one.owed && domain_of(one.address) == *to_domain; });
}

Result<QueueFilter, Fault> read_queue_filter(const Invocation& invocation) {
  QueueFilter filter;
  const auto given = [&](const char* name) {
    const auto found = invocation.given.find(name);
    return found == invocation.given.end() ? std::nullopt : std::optional(found->second);
  };
  if (const auto domain = given("--to-domain")) filter.to_domain = ipc::lower(*domain);
  if (const auto from = given("--from")) filter.from = *from == "<>" ? "" : ipc::lower(*from);
  if (const auto text = given("--id")) {
    auto ids = read_ids(*text);
    if (!ids) return tl::unexpected(ids.error());
    filter.ids = std::move(*ids);
  }
  if (const auto text = given("--older")) {
    const auto older = ipc::read_duration(*text);
    if (!older) return fault("--older needs a time like 30m, 12h or 2d, not '" + *text + "'");
    filter.older = *older;
  }
  return filter;
}

}  // namespace postern::control::cli
