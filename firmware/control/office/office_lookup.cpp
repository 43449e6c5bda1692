// Looking up the office's servers: see the header.
#include "firmware/control/office/office_lookup.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

namespace {

constexpr auto kAgain = std::chrono::minutes(5);
constexpr auto kAgainAfterFailure = std::chrono::seconds(20);

bool is_name(const ipc::HostPort& server) {
  return !server.endpoint().has_value();
}

}  // namespace

OfficeLookup::OfficeLookup(Resolve resolve) : resolve_(resolve) {}

OfficeLookup::~OfficeLookup() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void OfficeLookup::want(const std::vector<std::string>& servers) {
  const std::lock_guard lock(mutex_);
  names_.clear();
  for (const auto& text : servers) {
    const auto server = ipc::read_host_port(text, 25);
    if (server && is_name(*server)) names_.push_back(server->host);
  }
  if (names_.empty()) return;
  again_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_all();
}

std::vector<std::string> OfficeLookup::resolved(const std::vector<std::string>& servers,
                                                std::vector<std::string>* unanswered) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& text : servers) {
    auto server = ipc::read_host_port(text, 25);
    if (!server) continue;
    if (!is_name(*server)) {
      result.push_back(server->text());
      continue;
    }
    const auto answer = answers_.find(server->host);
    if (answer == answers_.end()) {
      if (unanswered != nullptr) unanswered->push_back(server->host);
      continue;
    }
    for (const auto& address : answer->second) result.push_back(ipc::HostPort{address, server->port}.text());
  }
  return result;
}

bool OfficeLookup::changed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(changed_, false);
}

bool OfficeLookup::settled() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(names_.begin(), names_.end(), [&](const auto& name) { return asked_.count(name) != 0; });
}

void OfficeLookup::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    again_ = false;
    const auto names = names_;
    bool failed = false;
    for (const auto& name : names) {
      lock.unlock();
      auto answer = resolve_(name);
      lock.lock();
      asked_[name] = true;
      failed = failed || answer.empty();
      if (answer.empty() || answers_[name] == answer) continue;
      answers_[name] = std::move(answer);
      changed_ = true;
    }
    const auto pause = failed ? std::chrono::seconds(kAgainAfterFailure) : std::chrono::seconds(kAgain);
    wake_.wait_for(lock, pause, [this] { return stop_ || again_; });
  }
}

std::vector<std::string> OfficeLookup::resolve_by_system(const std::string& name) {
  std::vector<std::string> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, 64> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) !=
        0)
      continue;
    addresses.emplace_back(text.data());
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace postern::control
