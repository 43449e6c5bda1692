// Words of the command line, and the line to postern-control: see the header.
#include "firmware/control/cli/invocation.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "firmware/ipc/settings_value.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::cli {

namespace {

bool holds(std::string_view list, std::string_view word) {
  for (const auto one : ipc::split_list(list, ' ')) {
    if (one == word) return true;
  }
  return false;
}

const Command* find(std::string_view name) {
  for (const auto& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::string names() {
  std::string all;
  for (const auto& command : commands()) all += (all.empty() ? "" : ", ") + std::string(command.name);
  return all;
}

Result<std::string, Fault> exchange(const std::string& path, const std::string& question,
                                    int patience_seconds) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fault("the path " + path + " is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const process::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{patience_seconds, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES) return fault("you may not talk to postern-control on " + path + ": try it as root");
    return fault("postern-control is not running (nobody listens on " + path +
                 ").\nStart it with: postern-control --settings /etc/postern/settings.toml\n"
                 "or, if it uses another directory: postern --run-dir DIR ...");
  }
  if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0)
    return fault("postern-control hung up");
  std::string answer;
  std::array<char, 65536> buffer;
  while (true) {
    const auto got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got == 0) return answer;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault("postern-control does not answer; look at its log");
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<const Command*, Fault> parse(std::span<const std::string> words, Invocation& invocation) {
  const Command* command = nullptr;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool takes_value = word == "--run-dir" || (command != nullptr && holds(command->options, word));
    if (takes_value && i + 1 == words.size()) return fault(word + " needs a value");
    if (word == "--json") {
      invocation.json = true;
    } else if (word == "--help" || word == "-h") {
      invocation.help = true;
    } else if (word == "--run-dir") {
      invocation.run_directory = words[++i];
    } else if (takes_value) {
      invocation.given[word] = words[++i];
    } else if (command != nullptr && holds(command->flags, word)) {
      invocation.given[word] = "";
    } else if (word.starts_with('-') && word.size() > 1) {
      return fault("unknown option '" + word + "'; see 'postern " +
                   (command != nullptr ? std::string(command->name) + " " : "") + "--help'");
    } else if (command == nullptr) {
      command = find(word);
      if (command == nullptr) return fault("there is no command '" + word + "'; there are: " + names());
    } else {
      invocation.words.push_back(word);
    }
  }
  return command;
}

Reply ask(const Invocation& invocation, const Json& question, int patience_seconds) {
  const auto answer =
      exchange(invocation.run_directory + "/control.sock", question.dump() + "\n", patience_seconds);
  if (!answer) return {complain(answer.error().reason, kNoControl), {}};
  auto json = Json::parse(*answer, nullptr, false);
  if (!json.is_object()) return {complain("postern-control gave an answer that cannot be read", kFailed), {}};
  if (json.contains("error")) {
    complain(json["error"].get<std::string>(), kFailed);
    for (const auto& fault : json.value("faults", Json::array()))
      complain(fault.is_object() ? fault.value("text", "") : fault.get<std::string>(), kFailed);
    return {kFailed, std::move(json)};
  }
  return {kDone, std::move(json)};
}

Json ask_quietly(const Invocation& invocation, const Json& question) {
  const auto answer = exchange(invocation.run_directory + "/control.sock", question.dump() + "\n", 6);
  auto json = answer ? Json::parse(*answer, nullptr, false) : Json::object();
  return json.is_object() && !json.contains("error") ? json : Json::object();
}

int print(const Json& json) {
  const auto text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? kDone : kFailed;
}

int complain(std::string_view text, int status) {
  std::fprintf(stderr, "postern: %.*s\n", static_cast<int>(text.size()), text.data());
  return status;
}

}  // namespace postern::control::cli
