#include "firmware/control/outbox/courier.hpp"

#include <sodium.h>

#include <utility>

#include "firmware/control/outbox/outbox.hpp"
#include "platform/log/log.hpp"

namespace postern::control {
namespace {

constexpr std::size_t kMostNames = 256;
constexpr Duration kLookEvery = std::chrono::seconds(1);
// An answer that does not come was lost on its way: the same is asked again.
constexpr Duration kPatience = std::chrono::seconds(60);
constexpr Duration kComeAgain = std::chrono::seconds(30);
constexpr Duration kAsideAgain = std::chrono::hours(1);

std::uint64_t ticket_of(const std::string& name, const OutboxMail& mail) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES_MIN);
  for (const auto* text : {&name, &mail.from, &mail.to, &mail.message}) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text->c_str()),
                              text->size() + 1);
  }
  std::uint8_t digest[crypto_generichash_BYTES_MIN];
  crypto_generichash_final(&state, digest, sizeof digest);
  return load_be64(digest);
}

}  // namespace

void Courier::set_directory(std::string directory) {
  if (directory == directory_) return;
  directory_ = std::move(directory);
  names_.clear();
  later_.clear();
  open_.reset();
}

void Courier::turn(Instant now, std::uint64_t line) {
  if (open_ && (open_->line != line || now >= open_->until)) open_.reset();
  if (line == 0 || open_ || directory_.empty()) return;
  if (const auto name = choose(now)) give(*name, now, line);
}

std::optional<std::string> Courier::choose(Instant now) {
  if (names_.empty() && now >= next_look_) {
    next_look_ = now + kLookEvery;
    std::erase_if(later_, [&](const auto& one) { return one.second <= now; });
    for (auto& name : list_outbox(directory_, kMostNames + later_.size())) {
      if (later_.count(name) == 0) names_.push_back(std::move(name));
    }
  }
  if (names_.empty()) return std::nullopt;
  auto name = std::move(names_.front());
  names_.pop_front();
  return name;
}

void Courier::give(const std::string& name, Instant now, std::uint64_t line) {
  const auto mail = read_from_outbox(directory_, name);
  if (!mail) return set_aside(name, "it cannot be read", now);
  Open open{.name = name, .ticket = ticket_of(name, *mail), .line = line, .until = now + kPatience};
  const bool given =
      send_({.ticket = open.ticket, .from = mail->from, .to = mail->to}, as_bytes(mail->message));
  if (given) {
    open_ = std::move(open);
  } else {
    later_[name] = now + kLookEvery;
  }
}

void Courier::on_injected(const ipc::Injected& answer, Instant now) {
  if (!open_ || open_->ticket != answer.ticket) return;
  const auto name = std::exchange(open_, std::nullopt)->name;
  if (answer.stored) {
    remove_from_outbox(directory_, name);
    ++carried_;
    trouble_.clear();
  } else if (answer.again) {
    trouble_ = "mail in the outbox waits: " + answer.why;
    later_[name] = now + kComeAgain;
  } else {
    set_aside(name, answer.why, now);
  }
}

void Courier::set_aside(const std::string& name, const std::string& why, Instant now) {
  trouble_ = "the report mail " + name + " cannot be sent and was set aside: " + why;
  log::write(log::Level::error, "control", trouble_);
  set_aside_in_outbox(directory_, name);
  later_[name] = now + kAsideAgain;  // in case it could not even be renamed
}

}  // namespace postern::control
