// What is left of a log of operations after a power cut.
#include "tests/platform/slots/twin_disk.hpp"

namespace postern::slots::testing {
namespace {

using Kind = Operation::Kind;

bool is_name(Kind kind) {
  return kind == Kind::add || kind == Kind::remove;
}

// Whether a later barrier, still before the cut, has made the operation durable.
bool durable(const std::vector<Operation>& log, std::size_t index, std::size_t count) {
  const auto& one = log[index];
  for (std::size_t i = index + 1; i < count; ++i) {
    const auto& barrier = log[i];
    if (barrier.kind != Kind::barrier) continue;
    if (one.kind == Kind::root && barrier.of == Kind::root && barrier.slot == one.slot) return true;
    if (one.kind == Kind::content && barrier.of == Kind::content && barrier.file == one.file) return true;
    if (is_name(one.kind) && barrier.of == Kind::add) return true;
  }
  return false;
}

struct Replay {
  Image image;
  std::map<int, File> files;

  File& file(int number) {
    auto& one = files[number];
    if (!one) one = std::make_shared<Text>();
    return one;
  }

  void play(const Operation& one, int share) {
    if (share == 0) return;
    const auto bytes = share == 1 ? one.bytes.substr(0, one.bytes.size() / 2) : one.bytes;
    switch (one.kind) {
      case Kind::root:
        image.roots[one.slot].replace(one.offset, bytes.size(), bytes);
        break;
      case Kind::content:
        *file(one.file) += bytes;
        break;
      case Kind::add:
        image.names[one.name] = file(one.file);
        break;
      case Kind::remove:
        image.names.erase(one.name);
        break;
      case Kind::barrier:
        break;
    }
  }
};

}  // namespace

std::size_t pending_after(const std::vector<Operation>& log, std::size_t count) {
  std::size_t pending = 0;
  for (std::size_t i = 0; i < count; ++i)
    pending += log[i].kind != Kind::barrier && !durable(log, i, count) ? 1 : 0;
  return pending;
}

Image after_cut(const std::vector<Operation>& log, std::size_t count, const std::function<int()>& fate) {
  Replay replay;
  for (const auto slot : {Slot::a, Slot::b}) replay.image.roots[slot].assign(TwinDisk::kRootSize, '.');
  for (std::size_t i = 0; i < count; ++i) {
    if (log[i].kind == Kind::barrier) continue;
    replay.play(log[i], durable(log, i, count) ? 2 : fate());
  }
  return replay.image.copy();
}

}  // namespace postern::slots::testing
