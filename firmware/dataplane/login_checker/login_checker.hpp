// The thread that checks passwords, so that no packet core has to: it costs tens of milliseconds each.
//
// Every core has a ring of questions and one of answers, both bounded; a full one means "later". One thread
// for all cores also bounds what guessing can cost the machine. A user who does not exist takes as long as
// one who does.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "firmware/shard/login_source.hpp"
#include "platform/base/spsc_ring.hpp"

namespace postern::dataplane {

// Users and their hashes.
using Users = std::map<std::string, std::string, std::less<>>;

// One core's side; called on that core only.
class LoginLane final : public shard::LoginSource {
 public:
  bool ask(shard::LoginTicket ticket, const smtp::Login& login) override;
  bool ready(shard::LoginTicket& ticket, smtp::LoginAnswer& answer) override;

 private:
  friend class LoginChecker;
  struct Question {
    shard::LoginTicket ticket = 0;
    std::uint8_t user_length = 0;
    std::uint8_t password_length = 0;
    std::array<char, 255> user{};
    std::array<char, 255> password{};
  };
  struct Answer {
    shard::LoginTicket ticket = 0;
    smtp::LoginAnswer answer = smtp::LoginAnswer::try_later;
  };
  SpscRing<Question, 64> questions_;
  SpscRing<Answer, 128> answers_;
};

class LoginChecker {
 public:
  explicit LoginChecker(std::size_t cores);
  // Ends the thread; a check under way is finished first.
  ~LoginChecker();
  LoginChecker(const LoginChecker&) = delete;
  LoginChecker& operator=(const LoginChecker&) = delete;

  LoginLane& lane(std::size_t core) { return *lanes_[core]; }
  // Any thread but the cores: these from now on.
  void set_users(Users users);

 private:
  void work();
  bool serve(LoginLane& lane);
  bool is_right(std::string_view user, std::string_view password) const;

  std::vector<std::unique_ptr<LoginLane>> lanes_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;
  std::string nobody_;  // a hash nothing matches
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace postern::dataplane
