// The keystore's line to control: see the header.
#include "firmware/control/keystore/service/desk.hpp"

#include <array>

#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::keystore {

namespace {

constexpr auto kReportEvery = std::chrono::seconds(1);
constexpr int kLookMilliseconds = 100;
constexpr auto kTickEvery = std::chrono::seconds(10);

}  // namespace

Desk::Desk(Vault vault, process::Descriptor control)
    : vault_(std::move(vault)),
      control_(std::move(control)),
      locked_(vault_.locked()),
      revision_(vault_.revision()) {}

Desk::~Desk() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Desk::start() {
  thread_ = std::thread([this] {
    try {
      work();
    } catch (const std::exception& error) {
      log::write(log::Level::error, "keystore", error.what());
      failed_ = true;
    } catch (const Refusal& refusal) {
      log::write(log::Level::error, "keystore", refusal.error);
      failed_ = true;
    }
  });
}

void Desk::work() {
  while (true) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kTickEvery, [this] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      if (!waiting_.empty()) {
        question = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    vault_.tick(clock::kernel_wall());
    if (!question.text.empty()) answer(question);
    locked_ = vault_.locked();
    revision_ = vault_.revision();
  }
}

void Desk::answer(const Question& question) {
  const auto text = question.text.text();
  auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_object() && parsed.value("command", "") == "give") {
    auto grants = vault_.grants(parsed.value("process", ""));
    auto block = ipc::write_grants(grants);
    send(question.number, block);
    ::sodium_memzero(block.data(), block.size());
    return grants.wipe();
  }
  const auto reply = parsed.is_object() ? vault_.answer(parsed, clock::kernel_wall())
                                        : Json{{"error", "the question is malformed"}};
  send(question.number, as_bytes(reply.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void Desk::send(std::uint64_t number, Bytes content) {
  const auto memory = process::make_frozen("postern-keys", content);
  if (!memory) return log::write(log::Level::error, "keystore", memory.error().reason);
  const std::array<int, 1> one{memory->get()};
  if (!process::send_packet(control_, ipc::write_keystore_number(ipc::MessageKind::keystore_answer, number),
                            one))
    log::write(log::Level::warning, "keystore", "control does not take an answer");
}

bool Desk::serve() {
  auto next_report = clock::kernel_instant();
  bool locked = locked_;
  std::uint64_t revision = revision_;
  while (!failed_) {
    const bool changed = locked != locked_ || revision != revision_;
    if (changed || clock::kernel_instant() >= next_report) {
      locked = locked_;
      revision = revision_;
      report();
      next_report = clock::kernel_instant() + kReportEvery;
    }
    if (process::wait_readable(control_.get(), kLookMilliseconds) && !receive()) return true;
  }
  return false;
}

void Desk::report() {
  process::send_packet(control_, ipc::write(ipc::KeystoreReport{locked_, revision_}));
}

// False where control is gone, or is not what it should be.
bool Desk::receive() {
  std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
  process::Packet packet;
  const auto status = process::receive_packet(control_, buffer, packet);
  if (status == process::ReceiveStatus::nothing) return true;
  if (status != process::ReceiveStatus::packet) return false;
  ipc::MessageFault why{};
  const auto message = ipc::open_message(Bytes(buffer).first(packet.size), why);
  if (!message || message->kind != ipc::MessageKind::keystore_ask) return false;
  const auto number = ipc::read_keystore_number(message->body);
  const auto memory =
      process::map_received(packet.descriptors[0], 1, ipc::kMostKeystoreQuestion, process::Sharing::frozen);
  if (!number || !memory) return false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return false;
    waiting_.push_back({*number, Secret::of(memory->bytes())});
  }
  wake_.notify_one();
  return true;
}

}  // namespace postern::keystore
