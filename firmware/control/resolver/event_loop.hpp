// libevent's loop with an owner; one per thread.
#pragma once

#include <event2/event.h>

#include <cstdlib>

#include "platform/base/time.hpp"

namespace postern::resolver {

class EventLoop {
 public:
  EventLoop() : base_(::event_base_new()) {
    if (base_ == nullptr) std::abort();  // no memory before anything began
  }
  ~EventLoop() { ::event_base_free(base_); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  event_base* base() { return base_; }

  // Does what there is to do, waiting at most `longest` for it.
  void turn(Duration longest) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(longest).count();
    const timeval wait{static_cast<time_t>(micros / 1'000'000), static_cast<suseconds_t>(micros % 1'000'000)};
    ::event_base_loopexit(base_, &wait);
    ::event_base_loop(base_, EVLOOP_ONCE);
  }

 private:
  event_base* base_;
};

}  // namespace postern::resolver
