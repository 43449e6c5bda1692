// The life of a slot as a table: see the header.
#include "platform/slots/machine.hpp"

#include <array>

namespace postern::slots {
namespace {

struct Row {
  State state;
  Event event;
  Action action;
  State next;
};

using enum State;

constexpr auto kRows = std::to_array<Row>({
    // An update. Each state's action has to be done before the next begins.
    {idle, Event::begin, Action::clear, clearing},
    {clearing, Event::done, Action::write_root, writing},
    {writing, Event::done, Action::check_root, checking},
    {checking, Event::done, Action::write_kernel, kernel},
    {kernel, Event::done, Action::check_kernel, checking_kernel},
    {checking_kernel, Event::done, Action::rename, switching},
    {switching, Event::done, Action::none, restart_needed},
    {clearing, Event::failed, Action::tidy, failed},
    {writing, Event::failed, Action::tidy, failed},
    {checking, Event::failed, Action::tidy, failed},
    {kernel, Event::failed, Action::tidy, failed},
    {checking_kernel, Event::failed, Action::tidy, failed},
    {switching, Event::failed, Action::tidy, failed},
    {failed, Event::begin, Action::clear, clearing},
    {good, Event::begin, Action::clear, clearing},
    {restart_needed, Event::begin, Action::clear, clearing},
    // The first starts of a new slot.
    {trial, Event::healthy, Action::mark_good, good},
    {trial, Event::confirm_asked, Action::none, waiting},
    {trial, Event::unhealthy, Action::mark_bad, going_back},
    {trial, Event::roll_back, Action::mark_bad, going_back},
    {waiting, Event::confirmed, Action::mark_good, good},
    {waiting, Event::deadline, Action::mark_bad, going_back},
    {waiting, Event::unhealthy, Action::mark_bad, going_back},
    {waiting, Event::roll_back, Action::mark_bad, going_back},
    // A slot once found good is left only because somebody wants to. Its health is a matter of repair: a box
    // that
    // changed systems by itself at every trouble would never come to rest.
    {good, Event::roll_back, Action::mark_bad, going_back},
});

constexpr std::array<std::string_view, 13> kTexts{"idle",
                                                  "clearing the idle slot",
                                                  "writing the root",
                                                  "reading the root back",
                                                  "writing the kernel",
                                                  "reading the kernel back",
                                                  "switching",
                                                  "restart needed",
                                                  "failed",
                                                  "on trial",
                                                  "waiting for confirmation",
                                                  "good",
                                                  "going back"};

}  // namespace

Step step(State state, Event event) {
  for (const auto& row : kRows) {
    if (row.state == state && row.event == event) return {row.action, row.next};
  }
  return {Action::none, state};
}

std::string_view text(State state) {
  return kTexts[static_cast<std::size_t>(state)];
}

}  // namespace postern::slots
