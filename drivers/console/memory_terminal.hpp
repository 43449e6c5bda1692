// A terminal in memory, for tests: what is typed is put in, what was sent is there to be read, and the line
// can be as slow as wanted.
#pragma once

#include <algorithm>
#include <string>

#include "drivers/console/terminal.hpp"

namespace postern::terminal {

class MemoryTerminal : public Terminal {
 public:
  void type(std::string_view bytes) { typed_ += bytes; }
  void breaks() { broke_ = true; }
  void close() { closed_ = true; }
  void set_size(Size size) { size_ = size; }
  // So many bytes leave; the line takes no more than kFifo at once.
  void carry(std::size_t bytes) {
    const auto gone = std::min(bytes, fifo_.size());
    sent_ += fifo_.substr(0, gone);
    fifo_.erase(0, gone);
  }
  const std::string& sent() const { return sent_; }
  unsigned speed() const { return baud_; }

  Received receive(std::span<char> into) override {
    const auto got = std::min(into.size(), typed_.size());
    std::copy_n(typed_.begin(), got, into.begin());
    typed_.erase(0, got);
    return {got, std::exchange(broke_, false), closed_ && got == 0};
  }
  std::size_t send(std::string_view bytes) override {
    const auto room = kFifo - std::min(kFifo, fifo_.size());
    const auto taken = std::min(room, bytes.size());
    fifo_ += bytes.substr(0, taken);
    return taken;
  }
  std::size_t waiting() override { return fifo_.size(); }
  Size size() override { return size_; }
  Result<void, Fault> set_speed(unsigned baud) override {
    baud_ = baud;
    return {};
  }
  int descriptor() const override { return -1; }

 private:
  static constexpr std::size_t kFifo = 4096;
  std::string typed_;
  std::string fifo_;
  std::string sent_;
  Size size_{};
  unsigned baud_ = 115200;
  bool broke_ = false;
  bool closed_ = false;
};

}  // namespace postern::terminal
