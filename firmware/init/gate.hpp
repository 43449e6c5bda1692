// The health gate: what has to have happened before a slot is called good.
//
// A message of the box's own is put where such mail waits; it has to come back as an outcome: taken into a
// core's queue, which means that it was on disk, and concluded by the core. Its recipient and its sender are
// address literals, which no mail goes to (the queue says 5.1.2), so neither it nor the notice about it
// leaves the box.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::init {

struct Sighting {
  bool accepted = false;   // on disk, in the queue of a core
  bool concluded = false;  // the core was done with it
};

// What control's answer to "outcomes" says of a recipient.
Sighting find_message(const std::string& answer, const std::string& recipient);

class Gate {
 public:
  // `outbox`: where mail of the box's own waits.
  explicit Gate(std::string outbox) : outbox_(std::move(outbox)) {}

  // One more step; called while every packet core moves.
  void turn();
  bool passed() const { return passed_; }
  // What is still missing.
  const std::string& trouble() const { return trouble_; }

 private:
  Result<void, Fault> send();

  std::string outbox_, recipient_;
  bool passed_ = false;
  std::string trouble_ = "the packet cores do not run";
};

}  // namespace postern::init
