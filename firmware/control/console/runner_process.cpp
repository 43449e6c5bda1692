// The process that starts commands of `postern`: see runner.hpp.
#include "firmware/control/console/runner_process.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <vector>

#include "firmware/control/console/runner.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/starter.hpp"

namespace postern::control::console {

namespace {

using process::Descriptor;

// In the new process. Nothing of the console's goes along but the words.
[[noreturn]] void become(std::vector<std::string>& words, int output, const OrderHead& head) {
  process::become_fresh();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(127);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  auto columns = "POSTERN_COLUMNS=" + std::to_string(head.columns);
  std::string colour = head.colour ? "POSTERN_COLOUR=1" : "NO_COLOR=1";
  std::array<char*, 3> environment{columns.data(), colour.data(), nullptr};
  ::execve(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

class Starter {
 public:
  Starter(Descriptor line, std::string program, std::string run_directory, AnswerAccount accounts)
      : line_(std::move(line)),
        program_(std::move(program)),
        run_directory_(std::move(run_directory)),
        accounts_(std::move(accounts)) {}

  [[noreturn]] void run() {
    process::serve_orders("postern-run", line_, [this] { reap(); }, [this] { take_order(); });
  }

 private:
  void take_order() {
    std::array<std::uint8_t, kMostOrder> bytes;
    process::Packet packet;
    const auto status = process::receive_packet(line_, bytes, packet);
    if (status == process::ReceiveStatus::closed) end();
    if (status != process::ReceiveStatus::packet || packet.size < kOrderHead) return;
    OrderHead head;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.kind == OrderHead::Kind::stop) return stop(head.ticket);
    if (!packet.descriptors[0]) return;
    if (head.kind == OrderHead::Kind::account) {
      answer(head, std::string(bytes.begin() + kOrderHead, bytes.begin() + packet.size),
             packet.descriptors[0].get());
      return ::sodium_memzero(bytes.data(), bytes.size());
    }
    std::vector<std::string> words(1);
    for (auto i = kOrderHead; i < packet.size; ++i) {
      if (bytes[i] == 0) {
        words.emplace_back();
      } else {
        words.back() += static_cast<char>(bytes[i]);
      }
    }
    words.pop_back();
    start(head, std::move(words), packet.descriptors[0].get());
  }

  // Judged here again: the console may be broken into, this process hears nobody else.
  void start(const OrderHead& head, std::vector<std::string> words, int output) {
    if (!may_run(words)) return tell(head.ticket, 126);
    words.insert(words.begin(), {program_, "--run-dir", run_directory_});
    const pid_t child = ::fork();
    if (child == 0) become(words, output, head);
    if (child < 0) return tell(head.ticket, 126);
    children_[child] = head.ticket;
  }

  // Hashing a password takes its time: the console goes on meanwhile.
  void answer(const OrderHead& head, const std::string& question, int output) {
    const pid_t child = ::fork();
    if (child < 0) return tell(head.ticket, 126);
    if (child > 0) {
      children_[child] = head.ticket;
      return;
    }
    const auto text = accounts_(question);
    [[maybe_unused]] const auto told = ::write(output, text.data(), text.size());
    ::_exit(0);
  }

  void stop(std::uint64_t ticket) {
    for (const auto& [pid, of] : children_) {
      if (of == ticket) ::kill(pid, SIGKILL);
    }
  }

  void tell(std::uint64_t ticket, int status) {
    const Ended ended{ticket, status};
    process::send_packet(line_, {reinterpret_cast<const std::uint8_t*>(&ended), sizeof ended});
  }

  void reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto found = children_.find(pid);
      if (found == children_.end()) continue;
      tell(found->second, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
      children_.erase(found);
    }
  }

  [[noreturn]] void end() {
    for (const auto& [pid, ticket] : children_) ::kill(pid, SIGKILL);
    ::_exit(0);
  }

  Descriptor line_;
  std::string program_;
  std::string run_directory_;
  AnswerAccount accounts_;
  std::map<pid_t, std::uint64_t> children_;
};

}  // namespace

Result<Descriptor, Fault> start_runner_process(const std::string& program, const std::string& run_directory,
                                               AnswerAccount accounts) {
  auto pair = process::packet_pair();
  if (!pair) return fault(pair.error().reason);
  auto& [ours, theirs] = *pair;
  const pid_t child = ::fork();
  if (child < 0) return fault(std::string("cannot fork: ") + std::strerror(errno));
  if (child == 0) {
    ours.reset();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
    Starter(std::move(theirs), program, run_directory, std::move(accounts)).run();
  }
  return std::move(ours);
}

}  // namespace postern::control::console
