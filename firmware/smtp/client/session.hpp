// What each reply leads to: the opening of a session, and the hand-over to transaction.hpp.
#pragma once

#include "firmware/smtp/client/state.hpp"

namespace postern::smtp {

// Takes one reply. `more`: input is left behind it.
void take_reply(Client::State& state, const Reply& reply, bool more);
// Names ourselves.
void say_hello(Client::State& state);
void say_quit(Client::State& state);

}  // namespace postern::smtp
