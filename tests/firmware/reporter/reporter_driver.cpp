// Plays control for a real postern-reporter: starts it, keeps it, and tells it of sessions.
//
//   reporter-driver REPORTER SOCKET NAME=VALUE...      settings by their names
//
// Each line of standard input is one command, answered by one line:
//   session DAYS-AGO RECIPIENT-DOMAIN HOST DANE-RESULT STS-RESULT    (numbers of policy::ResultType)
//   settled      waits until the reporter has everything safe
//   pid          of the reporter
//   end          also at the end of input
#include <chrono>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include "firmware/control/supervisor/reporter_keeper.hpp"
#include "firmware/policy/tlsrpt/result.hpp"
#include "platform/clock/clock.hpp"

namespace {

using namespace postern;

template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

ipc::Outcome session(std::istringstream& words) {
  int days = 0;
  std::string domain;
  std::string host;
  int dane = 0;
  int sts = 0;
  words >> days >> domain >> host >> dane >> sts;
  ipc::Outcome outcome{};
  outcome.kind = ipc::OutcomeKind::session;
  const auto then = clock::kernel_wall() - std::chrono::hours(24 * days);
  outcome.wall_ns = static_cast<std::uint64_t>(then.time_since_epoch().count());
  put(outcome.domain, domain);
  put(outcome.session.mx_host, host);
  outcome.session.present = 1;
  outcome.session.dane = {
      static_cast<std::uint8_t>(policy::PolicyType::tlsa), static_cast<std::uint8_t>(dane), {}, {}};
  outcome.session.sts = {
      static_cast<std::uint8_t>(policy::PolicyType::sts), static_cast<std::uint8_t>(sts), {}, {}};
  return outcome;
}

class Driver {
 public:
  Driver(control::Launcher launcher, const std::string& socket, const ipc::SettingValues& values)
      : keeper_(std::move(launcher), socket, 42) {
    keeper_.set(values);
  }

  std::string obey(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "session") {
      keeper_.add({session(words)});
      return "ok";
    }
    if (verb == "pid") {
      turn_until([this] { return keeper_.facts().pid != 0 && keeper_.facts().on_line; });
      return std::to_string(keeper_.facts().pid);
    }
    if (verb == "settled") return turn_until([this] { return keeper_.waiting() == 0; }) ? "ok" : "no";
    return "what?";
  }

 private:
  template <typename Condition>
  bool turn_until(Condition condition) {
    const auto until = clock::kernel_instant() + std::chrono::seconds(30);
    while (clock::kernel_instant() < until) {
      keeper_.turn(clock::kernel_instant());
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  control::ReporterKeeper keeper_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto launcher = control::Launcher::create({argv[1], "--socket", argv[2]});
  if (!launcher) return 1;
  ipc::SettingValues values;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    values[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  Driver driver(std::move(*launcher), argv[2], values);
  for (std::string line; std::getline(std::cin, line) && line != "end";)
    std::cout << driver.obey(line) << std::endl;
  return 0;
}
