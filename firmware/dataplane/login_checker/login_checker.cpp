#include "firmware/dataplane/login_checker/login_checker.hpp"

#include <chrono>
#include <cstring>
#include <utility>

#include "platform/password/password.hpp"

namespace postern::dataplane {
namespace {

// How often the thread looks for questions while it has none: people do not notice it, and no core has to
// make a system call to wake it.
constexpr auto kLookEvery = std::chrono::milliseconds(20);

void forget(void* memory, std::size_t size) {
  auto* at = static_cast<volatile std::uint8_t*>(memory);
  for (std::size_t i = 0; i < size; ++i) at[i] = 0;
}

}  // namespace

bool LoginLane::ask(shard::LoginTicket ticket, const smtp::Login& login) {
  Question question;
  if (login.user.size() > question.user.size() || login.password.size() > question.password.size()) {
    // Nobody has such a name or password; asking for nothing keeps the time the same.
    return questions_.push({.ticket = ticket});
  }
  question.ticket = ticket;
  question.user_length = static_cast<std::uint8_t>(login.user.size());
  question.password_length = static_cast<std::uint8_t>(login.password.size());
  std::memcpy(question.user.data(), login.user.data(), login.user.size());
  std::memcpy(question.password.data(), login.password.data(), login.password.size());
  const bool taken = questions_.push(question);
  forget(&question, sizeof question);
  return taken;
}

bool LoginLane::ready(shard::LoginTicket& ticket, smtp::LoginAnswer& answer) {
  Answer next;
  if (!answers_.pop(next)) return false;
  ticket = next.ticket;
  answer = next.answer;
  return true;
}

LoginChecker::LoginChecker(std::size_t cores) : users_(std::make_shared<const Users>()) {
  for (std::size_t i = 0; i < cores; ++i) lanes_.push_back(std::make_unique<LoginLane>());
  if (auto hash = password::hash("")) nobody_ = *hash;
  thread_ = std::thread([this] { work(); });
}

LoginChecker::~LoginChecker() {
  stop_ = true;
  thread_.join();
}

void LoginChecker::set_users(Users users) {
  auto fresh = std::make_shared<const Users>(std::move(users));
  const std::lock_guard lock(mutex_);
  users_ = std::move(fresh);
}

void LoginChecker::work() {
  while (!stop_) {
    bool any = false;
    for (auto& lane : lanes_) any = serve(*lane) || any;
    if (!any) std::this_thread::sleep_for(kLookEvery);
  }
}

// One question, so that the cores take turns.
bool LoginChecker::serve(LoginLane& lane) {
  LoginLane::Question question;
  if (!lane.questions_.pop(question)) return false;
  const bool right = is_right({question.user.data(), question.user_length},
                              {question.password.data(), question.password_length});
  forget(question.password.data(), question.password.size());
  // Cores ask for no more than the ring holds and take answers every turn: there is room.
  (void)lane.answers_.push({question.ticket, right ? smtp::LoginAnswer::right : smtp::LoginAnswer::wrong});
  return true;
}

bool LoginChecker::is_right(std::string_view user, std::string_view password) const {
  std::shared_ptr<const Users> users;
  {
    const std::lock_guard lock(mutex_);
    users = users_;
  }
  const auto found = users->find(user);
  const bool known = found != users->end() && !user.empty() && !password.empty();
  const bool fits = password::matches(known ? found->second : nobody_, known ? password : "x");
  return known && fits;
}

}  // namespace postern::dataplane
