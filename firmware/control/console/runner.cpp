// The console's end of the process that starts commands: see the header. The other end is runner_process.cpp.
#include "firmware/control/console/runner.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "firmware/control/console/runner_process.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/process/seqpacket.hpp"

namespace postern::control::console {

bool may_run(const std::vector<std::string>& words) {
  if (words.empty()) return false;
  for (const auto& row : rows()) {
    if (row.act != Act::program) continue;
    bool same = true;
    std::size_t at = 0;
    for (const auto piece : ipc::split_list(row.does, ' ')) {
      if (piece.starts_with('{') || piece.starts_with('-')) break;
      same = same && at < words.size() && words[at] == piece;
      ++at;
    }
    if (same) return true;
  }
  return false;
}

Result<Runner, Fault> Runner::create(const std::string& program, const std::string& run_directory,
                                     AnswerAccount accounts) {
  auto socket = start_runner_process(program, run_directory, std::move(accounts));
  if (!socket) return tl::unexpected(socket.error());
  return Runner(std::move(*socket));
}

// `message` has room for its head.
void Runner::order(std::uint64_t ticket, std::string message, bool account) {
  std::array<int, 2> ends{-1, -1};
  if (message.size() > kMostOrder || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    failed_.push_back({ticket, "this cannot be run\n", 1, account});
    return;
  }
  process::Descriptor reading(ends[0]);
  const process::Descriptor writing(ends[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  const int end = writing.get();
  const Bytes bytes{reinterpret_cast<const std::uint8_t*>(message.data()), message.size()};
  const bool sent = process::send_packet(socket_, bytes, {&end, 1});
  ::sodium_memzero(message.data(), message.size());
  if (!sent) {
    failed_.push_back({ticket, "the process that starts commands is gone\n", 1, account});
    return;
  }
  running_[ticket] = {std::move(reading), account, {}};
}

void Runner::start(std::uint64_t ticket, const Json& body) {
  const auto words = body.value("words", std::vector<std::string>{});
  if (!may_run(words)) {
    failed_.push_back({ticket, "this cannot be run\n", 1, false});
    return;
  }
  std::string message(kOrderHead, '\0');
  const OrderHead head{ticket, OrderHead::Kind::start, body.value("columns", 80u),
                       body.value("colour", false)};
  std::memcpy(message.data(), &head, sizeof head);
  for (const auto& word : words) message += word + '\0';
  order(ticket, std::move(message), false);
}

void Runner::ask(std::uint64_t ticket, const Json& question) {
  std::string message(kOrderHead, '\0');
  const OrderHead head{ticket, OrderHead::Kind::account, 0, false};
  std::memcpy(message.data(), &head, sizeof head);
  order(ticket, message + question.dump(-1, ' ', false, Json::error_handler_t::replace), true);
}

void Runner::stop(std::uint64_t ticket) {
  if (running_.erase(ticket) == 0) return;
  const OrderHead head{ticket, OrderHead::Kind::stop, 0, false};
  process::send_packet(socket_, {reinterpret_cast<const std::uint8_t*>(&head), sizeof head});
}

std::vector<Runner::Piece> Runner::turn(bool wants_text) {
  auto pieces = std::exchange(failed_, {});
  Ended ended;
  process::Packet packet;
  while (process::receive_packet(socket_, {reinterpret_cast<std::uint8_t*>(&ended), sizeof ended}, packet) ==
         process::ReceiveStatus::packet) {
    const auto found = running_.find(ended.ticket);
    if (found != running_.end()) found->second.status = ended.status;
  }
  for (auto at = running_.begin(); at != running_.end();) {
    auto& [ticket, one] = *at;
    if (!wants_text && !one.account) {
      ++at;
      continue;
    }
    std::array<char, 4096> buffer;
    const auto got = ::read(one.output.get(), buffer.data(), buffer.size());
    if (got > 0)
      pieces.push_back({ticket, std::string(buffer.data(), static_cast<std::size_t>(got)), {}, one.account});
    // The end of the output and the end of the program may come in either order.
    if (got == 0 && one.status) {
      pieces.push_back({ticket, {}, one.status, one.account});
      at = running_.erase(at);
    } else {
      ++at;
    }
  }
  return pieces;
}

std::vector<int> Runner::descriptors(bool wants_text) const {
  std::vector<int> all{socket_.get()};
  for (const auto& [ticket, one] : running_) {
    if (wants_text || one.account) all.push_back(one.output.get());
  }
  return all;
}

}  // namespace postern::control::console
