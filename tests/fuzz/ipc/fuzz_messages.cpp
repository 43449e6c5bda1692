// Every message between the planes: what is read is in range and can be written again.
#include <cstdlib>

#include "firmware/ipc/command.hpp"
#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/publish.hpp"
#include "firmware/ipc/queue.hpp"
#include "firmware/ipc/report.hpp"
#include "firmware/ipc/tickets.hpp"

using namespace postern;

namespace {

template <typename Form>
void check(const std::optional<Form>& form) {
  if (form && ipc::write(*form).size() > ipc::kMostMessageBytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ipc::MessageFault fault{};
  const auto message = ipc::open_message({data, size}, fault);
  if (message.has_value() != (fault == ipc::MessageFault::none)) std::abort();
  const Bytes body = message ? message->body : Bytes(data, size);
  check(ipc::read_hello(body));
  check(ipc::read_publish(body));
  check(ipc::read_report(body));
  check(ipc::read_refuse(body));
  check(ipc::read_log_line(body));
  check(ipc::read_command(body));
  check(ipc::read_queue_ask(body));
  check(ipc::read_queue_answer(body));
  const auto tickets = ipc::read_tickets(body);
  check(tickets);
  if (tickets && ipc::merge(*tickets, *tickets).keys.size() > ipc::kTicketKeys) std::abort();
  return 0;
}
