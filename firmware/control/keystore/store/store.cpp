// The keystore's directory: see the header.
#include "firmware/control/keystore/store/store.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>

#include "firmware/control/keystore/store/files.hpp"

namespace postern::keystore {

namespace {

constexpr char kMaster[] = "master";
constexpr std::string_view kEnding = ".key";
constexpr std::size_t kMostMaster = 256u << 10;

std::string file_of(const std::string& name) {
  return name + std::string(kEnding);
}

}  // namespace

Result<Store, Fault> Store::open(const std::string& directory) {
  Store store(directory);
  const auto content = read_whole(directory + "/" + kMaster, kMostMaster);
  if (!content) return tl::unexpected(content.error());
  if (content->empty()) return store;
  auto slots = read_slots(content->bytes());
  if (!slots) return fault(directory + "/" + kMaster + ": " + std::string(slots.error().reason));
  store.slots_ = std::move(*slots);
  return store;
}

Result<void, Fault> Store::create(Secret master, Slot first) {
  if (auto written = set_slots({std::move(first)}); !written) return written;
  master_ = std::move(master);
  return {};
}

Result<void, Fault> Store::set_slots(std::vector<Slot> slots) {
  auto written = replace_file(directory_, kMaster, write_slots(slots));
  if (written) slots_ = std::move(slots);
  return written;
}

Result<void, Fault> Store::unlock(Secret master) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory_.c_str()), ::closedir);
  if (!listing) return fault("cannot read " + directory_ + ": " + std::strerror(errno));
  master_ = std::move(master);
  entries_.clear();
  troubles_.clear();
  while (const dirent* one = ::readdir(listing.get())) {
    const std::string name(one->d_name);
    if (name.size() > kEnding.size() && name.ends_with(kEnding)) load(name);
  }
  return {};
}

void Store::load(const std::string& file) {
  const auto content = read_whole(directory_ + "/" + file, kMostSealedBytes);
  if (!content) return troubles_.push_back(content.error().reason);
  const auto trouble = [&](std::string_view why) { troubles_.push_back(file + ": " + std::string(why)); };
  const auto view = read_sealed(content->bytes());
  if (!view) return trouble(view.error().reason);
  if (file_of(std::string(view->name)) != file) return trouble("it was sealed under another name");
  const auto plain = open_sealed(master_, *view);
  if (!plain) return trouble(plain.error().reason);
  auto entry = read_entry(view->kind, view->name, plain->bytes());
  if (!entry) return trouble(entry.error().reason);
  entries_.insert_or_assign(std::string(view->name), std::move(*entry));
}

Entry* Store::find(std::string_view name) {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<void, Fault> Store::save(const Entry& entry) {
  const auto plain = write_entry(entry);
  return replace_file(directory_, file_of(entry.name), seal(master_, entry.kind, entry.name, plain.bytes()));
}

Result<void, Fault> Store::put(Entry entry) {
  if (auto saved = save(entry); !saved) return saved;
  const auto name = entry.name;
  entries_.insert_or_assign(name, std::move(entry));
  return {};
}

Result<void, Fault> Store::remove(const std::string& name) {
  if (auto removed = remove_file(directory_, file_of(name)); !removed) return removed;
  entries_.erase(name);
  return {};
}

}  // namespace postern::keystore
