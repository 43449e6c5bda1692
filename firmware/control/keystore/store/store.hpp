// The keystore's directory: `master` with the slots, NAME.key for each entry. Locked until a slot opened the
// master key; then all entries are in memory, their keys in guarded memory.
//
// What always holds: what put() and remove() return good for is on disk.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/keystore/store/entry.hpp"
#include "firmware/control/keystore/store/slots.hpp"

namespace postern::keystore {

class Store {
 public:
  // Reads the slots. Faults: the directory cannot be used, or its master file is damaged.
  static Result<Store, Fault> open(const std::string& directory);

  bool exists() const { return !slots_.empty(); }
  bool locked() const { return master_.empty(); }
  const std::vector<Slot>& slots() const { return slots_; }
  const Secret& master() const { return master_; }

  // A new store, open; `first` is wrapped already.
  Result<void, Fault> create(Secret master, Slot first);
  // Reads all entries; those that do not open stay away and are named in troubles().
  Result<void, Fault> unlock(Secret master);
  Result<void, Fault> set_slots(std::vector<Slot> slots);

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  Entry* find(std::string_view name);
  Result<void, Fault> put(Entry entry);
  // Writes what was changed in place.
  Result<void, Fault> save(const Entry& entry);
  Result<void, Fault> remove(const std::string& name);
  const std::vector<std::string>& troubles() const { return troubles_; }

 private:
  explicit Store(std::string directory) : directory_(std::move(directory)) {}
  void load(const std::string& file);

  std::string directory_;
  std::vector<Slot> slots_;
  Secret master_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> troubles_;
};

}  // namespace postern::keystore
