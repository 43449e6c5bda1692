// A disk in memory that forgets what was not synced. It keeps a log of single operations, so that the power
// can be cut after each of them, with any part of what was pending lost.
//
// A rename is two operations (the new name appears, the old one goes), because FAT makes it so; a write may
// tear.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/slots/disk.hpp"

namespace postern::slots::testing {

using Text = std::string;
using File = std::shared_ptr<Text>;  // names lead to content, as directory entries lead to clusters

// What is on the disk.
struct Image {
  std::map<Slot, Text> roots;
  std::map<Text, File> names;

  Image copy() const {
    Image image{.roots = roots, .names = {}};
    std::map<Text*, File> copies;
    for (const auto& [name, file] : names) {
      auto& one = copies[file.get()];
      if (!one) one = std::make_shared<Text>(*file);
      image.names[name] = one;
    }
    return image;
  }
};

struct Operation {
  enum class Kind : std::uint8_t { root, content, add, remove, barrier } kind;
  Slot slot = Slot::a;
  std::uint64_t offset = 0;
  Text bytes;
  Text name;
  int file = 0;                        // number of the file that a name leads to
  Operation::Kind of = Kind::barrier;  // what a barrier makes durable
};

class TwinDisk : public Disk {
 public:
  static constexpr std::uint64_t kRootSize = 64;

  TwinDisk() {
    for (const auto slot : {Slot::a, Slot::b}) roots_[slot].assign(kRootSize, '.');
  }

  Outcome<std::uint64_t> root_size(Slot) override { return kRootSize; }
  Outcome<void> write_root(Slot slot, std::uint64_t offset, Bytes bytes) override {
    const Text text(as_text(bytes));
    if (flip_next_write && !text.empty()) {
      flip_next_write = false;
      roots_[slot].replace(offset, text.size(), Text(text.size(), '?'));
      return {};
    }
    roots_[slot].replace(offset, text.size(), text);
    log.push_back({.kind = Operation::Kind::root, .slot = slot, .offset = offset, .bytes = text});
    return check();
  }
  Outcome<void> sync_root(Slot slot) override { return barrier(Operation::Kind::root, slot); }
  Outcome<void> read_root(Slot slot, std::uint64_t offset, MutableBytes into) override {
    std::copy_n(roots_[slot].begin() + static_cast<long>(offset), into.size(), into.begin());
    return {};
  }
  Outcome<std::vector<std::string>> list() override {
    std::vector<std::string> all;
    for (const auto& [name, file] : names_) all.push_back(name);
    return all;
  }
  Outcome<void> create(const std::string& name) override {
    names_[name] = ++files_;
    contents_[files_] = "";
    log.push_back({.kind = Operation::Kind::add, .name = name, .file = files_});
    return check();
  }
  Outcome<void> append(const std::string& name, Bytes bytes) override {
    contents_[names_.at(name)] += as_text(bytes);
    log.push_back({.kind = Operation::Kind::content, .bytes = Text(as_text(bytes)), .file = names_.at(name)});
    return check();
  }
  Outcome<void> sync_file(const std::string& name) override {
    return barrier(Operation::Kind::content, Slot::a, names_.at(name));
  }
  Outcome<std::uint64_t> file_size(const std::string& name) override {
    return contents_[names_.at(name)].size();
  }
  Outcome<void> read_file(const std::string& name, std::uint64_t offset, MutableBytes into) override {
    std::copy_n(contents_[names_.at(name)].begin() + static_cast<long>(offset), into.size(), into.begin());
    return {};
  }
  Outcome<void> rename(const std::string& from, const std::string& to) override {
    const int file = names_.at(from);
    names_.erase(from);
    names_[to] = file;
    log.push_back({.kind = Operation::Kind::add, .name = to, .file = file});
    log.push_back({.kind = Operation::Kind::remove, .name = from});
    return check();
  }
  Outcome<void> remove(const std::string& name) override {
    names_.erase(name);
    log.push_back({.kind = Operation::Kind::remove, .name = name});
    return check();
  }
  Outcome<void> sync_directory() override { return barrier(Operation::Kind::add, Slot::a); }

  // A slot as it lies on the disk from the start.
  void put(const Entry& entry, const Text& root, const Text& kernel) {
    const auto name = file_name(entry);
    static_cast<void>(write_root(entry.slot, 0, as_bytes(root)));
    static_cast<void>(sync_root(entry.slot));
    static_cast<void>(create(name));
    static_cast<void>(append(name, as_bytes(kernel)));
    static_cast<void>(sync_file(name));
    static_cast<void>(sync_directory());
  }
  std::vector<Text> names() const {
    std::vector<Text> all;
    for (const auto& [name, file] : names_) all.push_back(name);
    return all;
  }
  const Text& root(Slot slot) const { return roots_.at(slot); }

  std::vector<Operation> log;
  bool flip_next_write = false;                        // the disk loses a write without saying so
  int fail_after = -1;                                 // operations until one fails; -1: none does
  std::function<bool(const Operation&)> skip_barrier;  // a sync that does not happen

 private:
  Outcome<void> barrier(Operation::Kind of, Slot slot, int file = 0) {
    Operation operation{.kind = Operation::Kind::barrier, .slot = slot, .file = file, .of = of};
    if (!skip_barrier || !skip_barrier(operation)) log.push_back(operation);
    return check();
  }
  Outcome<void> check() {
    if (fail_after >= 0 && fail_after-- == 0) return fault("the disk does not answer");
    return {};
  }

  std::map<Slot, Text> roots_;
  std::map<Text, int> names_;
  std::map<int, Text> contents_;
  int files_ = 0;
};

// What is on the disk when the power goes after `count` operations of the log. `fate` says of each pending
// operation how much of it is there: 0 nothing, 1 half (of a write), 2 all.
Image after_cut(const std::vector<Operation>& log, std::size_t count, const std::function<int()>& fate);
// How many operations are pending then.
std::size_t pending_after(const std::vector<Operation>& log, std::size_t count);

}  // namespace postern::slots::testing
