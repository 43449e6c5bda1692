// The reporter process: one thread counts what control tells, one sends.
//
// Counting never waits for sending. What is reported safe is committed. The process ends when control is
// gone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "firmware/control/reporter/service/options.hpp"
#include "firmware/control/reporter/store/store.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::reporter {

class Desk {
 public:
  // Opens the database; throws DatabaseError.
  Desk(ServiceOptions options, process::Descriptor control);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  void start();
  // Until control is gone. False where the sending thread failed.
  bool serve();

 private:
  void send_reports();
  void rest_until(std::int64_t when);
  bool receive();
  bool take(Bytes packet);
  void report();

  ServiceOptions options_;
  process::Descriptor control_;
  Store store_;
  std::uint64_t run_ = 0;
  std::uint64_t safe_ = 0;
  std::vector<std::uint8_t> buffer_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::atomic<bool> failed_{false};
};

}  // namespace postern::reporter
