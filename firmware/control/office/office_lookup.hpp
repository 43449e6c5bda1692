// The addresses of the office's servers where the settings give names: asked of the system's resolver on a
// thread of its own, because an answer may take long.
//
// What was found last stays in use while a later question fails.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace postern::control {

class OfficeLookup {
 public:
  // Text addresses of a name; empty: not found. A test gives its own.
  using Resolve = std::vector<std::string> (*)(const std::string& name);

  explicit OfficeLookup(Resolve resolve = resolve_by_system);
  ~OfficeLookup();

  // Names to look up from now on; asked at once and then every `kAgain`.
  void want(const std::vector<std::string>& servers);
  // The servers as host:port with every name replaced by its addresses (IPv6 and IPv4 in the resolver's
  // order); a name without an answer is left out. `unanswered` names those.
  std::vector<std::string> resolved(const std::vector<std::string>& servers,
                                    std::vector<std::string>* unanswered = nullptr) const;
  // True once after an answer changed something.
  bool changed();
  // True when every name wanted was asked at least once.
  bool settled() const;

  static std::vector<std::string> resolve_by_system(const std::string& name);

 private:
  void run();

  Resolve resolve_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>> answers_;
  std::map<std::string, bool> asked_;
  bool changed_ = false;
  bool again_ = false;
  bool stop_ = false;
  std::thread thread_;  // started with the first name
};

}  // namespace postern::control
