// Generations in memory: the twin of the disk, with the same text between write and read.
#pragma once

#include <map>
#include <string>

#include "firmware/control/store/archive.hpp"

namespace postern::control {

class MemoryArchive : public Archive {
 public:
  std::vector<std::uint64_t> numbers() override {
    std::vector<std::uint64_t> all;
    for (const auto& [number, text] : texts) {
      if (number != kRescue) all.push_back(number);
    }
    return all;
  }
  Result<Generation, Fault> read(std::uint64_t number) override {
    const auto found = texts.find(number);
    if (found == texts.end()) return fault("is not there");
    return read_generation(found->second);
  }
  Result<void, Fault> write(std::uint64_t number, const Generation& generation) override {
    if (full) return fault("no space left");
    texts[number] = write_generation(generation);
    return {};
  }
  void remove(std::uint64_t number) override { texts.erase(number); }
  void set_aside(std::uint64_t number) override {
    aside[number] = texts[number];
    texts.erase(number);
  }

  std::map<std::uint64_t, std::string> texts;
  std::map<std::uint64_t, std::string> aside;
  bool full = false;  // what is written now fails
};

}  // namespace postern::control
