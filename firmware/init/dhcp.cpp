#include "firmware/init/dhcp.hpp"

#include <algorithm>

namespace postern::init {

namespace {

using std::chrono::seconds;

// RFC 2131 §2, figure 1: offsets in a message.
constexpr std::size_t kTransaction = 4, kFlags = 10, kCiaddr = 12, kYiaddr = 16, kChaddr = 28, kCookie = 236, kOptions = 240;
constexpr std::uint32_t kMagic = 0x63825363;
constexpr std::uint8_t kDiscover = 1, kOffer = 2, kRequest = 3, kAck = 5, kNak = 6;
constexpr std::uint8_t kMask = 1, kRouter = 3, kRequested = 50, kTime = 51, kKind = 53, kServer = 54, kWanted = 55, kEnd = 255;
constexpr seconds kFirstPause{4}, kLongestPause{64}, kShortestLease{60}, kLongestLease{7 * 86400};
constexpr int kRequests = 4;

std::uint32_t number(Bytes at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(at[i]);
  return value;
}

void put(std::vector<std::uint8_t>& out, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

void add(std::vector<std::uint8_t>& out, std::uint8_t option, std::uint32_t value) {
  out.insert(out.end(), {option, 4, 0, 0, 0, 0});
  put(out, out.size() - 4, value);
}

void read_option(DhcpAnswer& answer, std::uint8_t option, Bytes value) {
  if (option == kKind && value.size() == 1) answer.kind = static_cast<std::uint8_t>(value[0]);
  if (value.size() < 4) return;
  if (option == kMask) answer.lease.mask = number(value);
  if (option == kRouter) answer.lease.router = number(value);  // the first is preferred, RFC 2132 §3.5
  if (option == kServer) answer.lease.server = number(value);
  if (option == kTime) answer.lease.time = seconds(number(value));
}

bool contiguous(std::uint32_t mask) {
  return mask != 0 && (~mask & (~mask + 1)) == 0;
}

}  // namespace

std::optional<DhcpAnswer> read_dhcp(Bytes message, std::uint32_t transaction, const HardwareAddress& own) {
  if (message.size() < kOptions || message[0] != 2 || number(message.subspan(kTransaction)) != transaction ||
      number(message.subspan(kCookie)) != kMagic ||
      !std::equal(own.begin(), own.end(), message.begin() + kChaddr))
    return {};
  DhcpAnswer answer;
  answer.lease.own = number(message.subspan(kYiaddr));
  for (std::size_t at = kOptions; at < message.size();) {
    const auto option = static_cast<std::uint8_t>(message[at++]);
    if (option == kEnd) break;
    if (option == 0) continue;  // padding
    if (at >= message.size() || at + 1 + message[at] > message.size()) return {};
    const std::size_t length = message[at++];
    read_option(answer, option, message.subspan(at, length));
    at += length;
  }
  answer.lease.time = std::clamp(answer.lease.time, kShortestLease, kLongestLease);
  if (answer.kind == kNak) return answer;
  const bool usable = answer.lease.own != 0 && answer.lease.server != 0 && contiguous(answer.lease.mask);
  return usable ? std::optional(answer) : std::nullopt;
}

std::vector<std::uint8_t> Dhcp::message(std::uint8_t kind) const {
  std::vector<std::uint8_t> out(kOptions);
  out[0] = 1, out[1] = 1, out[2] = 6;
  put(out, kTransaction, transaction_);
  // We have no address yet: the answer has to go to everybody. RFC 2131 §4.1
  if (state_ != State::renewing) out[kFlags] = 0x80;
  if (state_ == State::renewing) put(out, kCiaddr, lease_->own);
  std::copy(own_.begin(), own_.end(), out.begin() + kChaddr);
  put(out, kCookie, kMagic);
  out.insert(out.end(), {kKind, 1, kind});
  if (state_ == State::requesting) {
    add(out, kRequested, offer_->own);
    add(out, kServer, offer_->server);
  }
  out.insert(out.end(), {kWanted, 2, kMask, kRouter, kEnd});
  out.resize(std::max<std::size_t>(out.size(), 300));  // RFC 1542 §2.1: relays may want so many
  return out;
}

void Dhcp::enter(State state, Clock::time_point now) {
  state_ = state;
  due_ = now;
  pause_ = kFirstPause;
  tries_ = 0;
}

std::optional<std::vector<std::uint8_t>> Dhcp::turn(Clock::time_point now) {
  if (lease_ && now >= ends_) {
    lease_.reset();
    enter(State::selecting, now);
  }
  if (state_ == State::bound && now >= renew_) enter(State::renewing, now);
  if (state_ == State::bound || now < due_) return {};
  // Who offered and says no more may be gone: whoever else is there may offer.
  if (state_ == State::requesting && tries_ >= kRequests) enter(State::selecting, now);
  ++tries_;
  due_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
  return message(state_ == State::selecting ? kDiscover : kRequest);
}

void Dhcp::take(Bytes bytes, Clock::time_point now) {
  const auto answer = read_dhcp(bytes, transaction_, own_);
  if (!answer) return;
  if (state_ == State::selecting && answer->kind == kOffer) {
    offer_ = answer->lease;
    return enter(State::requesting, now);
  }
  if (state_ != State::requesting && state_ != State::renewing) return;
  if (answer->kind == kNak) {
    lease_.reset();
    return enter(State::selecting, now);
  }
  if (answer->kind != kAck) return;
  lease_ = answer->lease;
  renew_ = now + lease_->time / 2;  // T1, RFC 2131 §4.4.5
  ends_ = now + lease_->time;
  enter(State::bound, now);
}

}  // namespace postern::init
