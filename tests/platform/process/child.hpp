// Runs something in a child process, because what it does to itself cannot be taken back.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace postern::process_test {

// What `work` returned; false too where the child died.
template <typename Work>
bool in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace postern::process_test
