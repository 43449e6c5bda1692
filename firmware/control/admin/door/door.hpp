// Control's door, asked from here: one question, one answer, JSON lines over a Unix socket. Blocks; any
// thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

class Door {
 public:
  virtual ~Door() = default;
  // Throws a Problem: not_available where nobody answers or the verb is not there (yet), faults where fields
  // are wrong, failed where the answer is an error.
  Json ask(const Json& question);

 protected:
  // The answer's text; empty where nobody answers.
  virtual std::string exchange(const std::string& question) = 0;
};

class ControlDoor final : public Door {
 public:
  explicit ControlDoor(std::string path) : path_(std::move(path)) {}

 protected:
  std::string exchange(const std::string& question) override;

 private:
  std::string path_;
};

}  // namespace postern::admin
