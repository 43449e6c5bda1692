// The box as its updater sees it: the slots folder, what runs, and what is remembered.
// platform/slots/README.md says what the folder holds.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "firmware/control/update/bundle/keys.hpp"
#include "firmware/control/update/install/rules.hpp"
#include "platform/process/descriptor.hpp"
#include "platform/slots/keeper.hpp"
#include "platform/slots/record.hpp"

namespace postern::control::update {

inline constexpr const char* kSlotsFolder = "/run/postern/slots";

class Box {
 public:
  // Takes the lock of the folder: one update at a time.
  static Outcome<Box> open(const std::filesystem::path& folder);

  slots::Disk& disk() { return *disk_; }
  const slots::Running& running() const { return running_; }
  const std::string& board() const { return board_; }
  slots::Record& record() { return record_; }
  Outcome<void> save() const { return slots::save_record(folder_ / "state" / "slots", record_); }
  Outcome<std::vector<PublicKey>> keys() const { return load_keys(folder_ / "keys"); }
  const std::filesystem::path& folder() const { return folder_; }
  std::string running_version() const;

 private:
  std::filesystem::path folder_;
  process::Descriptor lock_;
  std::unique_ptr<slots::Disk> disk_;
  slots::Running running_;
  std::string board_;
  slots::Record record_;
};

// After the start. `now_seconds` is a clock that does not stop or jump (CLOCK_BOOTTIME).
enum class Verdict : std::uint8_t { good, waiting, going_back };
struct Judged {
  Verdict verdict = Verdict::good;
  std::uint64_t seconds_left = 0;  // while waiting
  std::string text;                // one line
};
// The health gate passed: good, or waiting where somebody was asked to confirm. Called again and again until
// it is one or the other.
Outcome<Judged> found_healthy(Box& box, std::uint64_t now_seconds);
Outcome<Judged> found_unhealthy(Box& box, const std::string& why);
// When waiting ends, on that clock; 0: nobody is waited for.
std::uint64_t confirm_until(const Box& box);
Outcome<Judged> confirm(Box& box);
// The operator wants the other slot; a restart does it.
Outcome<Judged> roll_back(Box& box);

}  // namespace postern::control::update
