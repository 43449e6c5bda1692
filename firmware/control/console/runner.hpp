// A small process that starts commands of `postern` for the console, which gave up the power to start
// programs.
//
// It is forked before the console is confined, starts that one program only, with words that the table of
// commands allows, without a shell, and ends with the console. It also opens the files of accounts, so that
// the console itself need not be able to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/runner_process.hpp"
#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::console {

class Runner {
 public:
  // Forks. Only while there is one thread.
  static Result<Runner, Fault> create(const std::string& program, const std::string& run_directory,
                                      AnswerAccount accounts);

  void start(std::uint64_t ticket, const Json& body);
  // A question about accounts; its answer is the text that comes.
  void ask(std::uint64_t ticket, const Json& question);
  void stop(std::uint64_t ticket);

  struct Piece {
    std::uint64_t ticket = 0;
    std::string text;
    std::optional<int> status;  // it ended; nothing more comes
    bool account = false;
  };
  // What came since; output of commands only where it is wanted.
  std::vector<Piece> turn(bool wants_text);
  std::vector<int> descriptors(bool wants_text) const;

 private:
  struct Running {
    process::Descriptor output;
    bool account = false;
    std::optional<int> status;
  };
  explicit Runner(process::Descriptor socket) : socket_(std::move(socket)) {}

  void order(std::uint64_t ticket, std::string message, bool account);

  process::Descriptor socket_;
  std::map<std::uint64_t, Running> running_;
  std::vector<Piece> failed_;
};

// Whether the table has a command that begins with these words; nothing else is ever started.
bool may_run(const std::vector<std::string>& words);

}  // namespace postern::control::console
