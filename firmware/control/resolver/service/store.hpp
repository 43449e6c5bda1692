// The cache on disk: facts of domains and MTA-STS policies, in SQLite, written by a thread of its own.
//
// What is lost with the power is asked again; what is there is whole. Nothing waits for the disk. A file that
// cannot be read is set aside and a new one begun.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "firmware/control/resolver/sts/sts_lookup.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::resolver {

struct StoredPolicy {
  std::string domain;
  StsMemory memory;
  WallTime used{};
};

class Store {
 public:
  struct Loaded {
    std::vector<std::vector<std::uint8_t>> facts;  // encoded; not expired
    std::vector<StoredPolicy> policies;            // in force
  };

  // Opens or makes the file; takes out what is over.
  static Result<std::unique_ptr<Store>, Fault> open(const std::string& path, WallTime now);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Before start(); at most that many of each, those that hold longest first.
  Loaded load(WallTime now, std::size_t most);
  void start();

  void keep_facts(std::string domain, std::vector<std::uint8_t> encoded, WallTime expires);
  void keep_policy(StoredPolicy policy);
  void forget_policy(std::string domain);
  // Rows beyond that many are taken out, those that end soonest first; and those that are over.
  void tidy(WallTime now, std::size_t most);
  std::uint64_t failures() const;

  struct Database;

 private:
  using Order = std::function<bool(Database&)>;

  explicit Store(std::unique_ptr<Database> database);
  void put(Order order);
  void run();

  std::unique_ptr<Database> database_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Order> orders_;
  std::uint64_t failures_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace postern::resolver
