// A small process that starts the data plane, because control itself gives up the power to start programs.
//
// It is forked before control is confined, starts one program with fixed arguments and nothing else, and
// tells how it ended. Control's death ends it; the data plane goes on.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

class Launcher {
 public:
  // Forks. `arguments[0]` is the program's path. Only while there is one thread.
  static Result<Launcher, Fault> create(const std::vector<std::string>& arguments);

  bool start();
  // To the program that was started; nothing where there is none.
  bool terminate();
  bool kill();

  struct Event {
    enum class Kind : std::uint8_t { started, failed, ended, launcher_gone } kind = Kind::started;
    pid_t pid = 0;
    int status = 0;  // failed: errno; ended: as waitpid gives it
  };
  std::optional<Event> next();
  int descriptor() const { return socket_.get(); }

 private:
  explicit Launcher(process::Descriptor socket) : socket_(std::move(socket)) {}
  process::Descriptor socket_;
};

// "was killed by signal 11 (Segmentation fault)", "ended with status 1".
std::string how_it_ended(int status);

}  // namespace postern::control
