// A fixed number of objects, taken and given back without allocation.
//
// T has a member `T* next`, which the pool uses while the object lies in it and its owner may use while it
// does not. All objects are made at construction and live as long as the pool: taking one does not reset it.
#pragma once

#include <cstddef>
#include <vector>

namespace postern {

template <typename T>
class Pool {
 public:
  explicit Pool(std::size_t count) : objects_(count) {
    for (auto& object : objects_) give(&object);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Null where all are taken.
  T* take() {
    T* object = free_;
    if (object == nullptr) return nullptr;
    free_ = object->next;
    object->next = nullptr;
    --available_;
    return object;
  }

  void give(T* object) {
    object->next = free_;
    free_ = object;
    ++available_;
  }

  std::size_t available() const { return available_; }
  // All objects, taken or not: to set them up once after construction.
  std::vector<T>& objects() { return objects_; }

 private:
  std::vector<T> objects_;
  T* free_ = nullptr;
  std::size_t available_ = 0;
};

// A queue of pool objects, first in first out, linked through `next`.
template <typename T>
class Fifo {
 public:
  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }

  void push(T* object) {
    object->next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = object;
    last_ = object;
    ++size_;
  }

  // Null where the queue is empty.
  T* pop() {
    T* object = first_;
    if (object == nullptr) return nullptr;
    first_ = object->next;
    object->next = nullptr;
    --size_;
    return object;
  }

  std::size_t size() const { return size_; }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace postern
