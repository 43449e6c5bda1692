// The console's loop: joins the terminal, the session, the door, the commands and the accounts. All I/O of
// the console is here and in what it joins; all decisions are in the session.
#pragma once

#include <map>
#include <string>

#include "drivers/console/terminal.hpp"
#include "firmware/control/console/door_client.hpp"
#include "firmware/control/console/runner.hpp"
#include "firmware/control/console/session.hpp"

namespace postern::control::console {

class Loop {
 public:
  Loop(terminal::Terminal& terminal, Station station, std::string door, Runner runner);

  // Until nobody is there any more, or `ended`. Gives the exit status.
  int run(const volatile int& ended);

 private:
  void turn();
  void wait();
  void read();
  void take_piece(const Runner::Piece& piece);
  void carry_requests();
  void carry(const Request& request);
  void send();
  void next_speed();

  terminal::Terminal& terminal_;
  Station station_;
  DoorClient door_;
  Runner runner_;
  Session session_;
  std::map<std::uint64_t, std::string> account_answers_;
  std::string out_;
  bool over_ = false;
};

}  // namespace postern::control::console
