// The keystore's line to control: questions in, answers out, a report every second.
//
// The verbs run in a thread of their own, one after the other, because making a key may take seconds; the
// line never stops reporting meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "firmware/control/keystore/service/vault.hpp"
#include "firmware/ipc/keystore_messages.hpp"
#include "platform/process/seqpacket.hpp"

namespace postern::keystore {

class Desk {
 public:
  Desk(Vault vault, process::Descriptor control);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Starts the thread; before the process gives up its powers.
  void start();
  // Until control is gone. False: something is broken.
  bool serve();

 private:
  static constexpr std::size_t kMostWaiting = 64;

  struct Question {
    std::uint64_t number = 0;
    Secret text;
  };

  bool receive();
  void report();
  void work();
  void answer(const Question& question);
  void send(std::uint64_t number, Bytes content);

  Vault vault_;  // the thread's, once it runs
  process::Descriptor control_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Question> waiting_;
  bool ending_ = false;
  std::atomic<bool> failed_{false};
  std::atomic<bool> locked_{true};
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace postern::keystore
