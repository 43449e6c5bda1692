// Writes the idle slot: see the header.
#include "platform/slots/writer.hpp"

#include <algorithm>
#include <vector>

namespace postern::slots {
namespace {

constexpr std::size_t kPiece = 1 << 20;

template <typename Read>
Outcome<Hash> hash_piecewise(std::uint64_t size, Read read) {
  std::vector<std::uint8_t> buffer(kPiece);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (std::uint64_t at = 0; at < size;) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - at));
    if (auto got = read(at, MutableBytes(buffer.data(), length)); !got) return tl::unexpected(got.error());
    crypto_hash_sha256_update(&state, buffer.data(), length);
    at += length;
  }
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

}  // namespace

Outcome<void> Writer::judge(Outcome<void> result) {
  const auto next = step(state_, result ? Event::done : Event::failed);
  state_ = next.next;
  if (next.action == Action::tidy) abandon();
  return result;
}

Outcome<void> Writer::act(Action action) {
  switch (action) {
    case Action::clear:
      return clear();
    case Action::check_root:
      return check_root();
    case Action::check_kernel:
      return check_kernel();
    case Action::rename:
      return rename();
    default:
      return {};
  }
}

Outcome<void> Writer::begin() {
  const auto size = disk_.root_size(target_);
  if (!size) return tl::unexpected(size.error());
  if (root_.size > *size) {
    return fault("the root image has " + std::to_string(root_.size) + " bytes, the partition of slot " +
                 letter(target_) + " only " + std::to_string(*size));
  }
  state_ = step(state_, Event::begin).next;
  return judge(act(Action::clear));
}

Outcome<void> Writer::root(Bytes bytes) {
  if (state_ != State::writing) return fault("root bytes out of turn: " + std::string(text(state_)));
  if (bytes.size() > root_.size - written_) return judge(fault("more root bytes than were announced"));
  if (auto done = disk_.write_root(target_, written_, bytes); !done) return judge(done);
  written_ += bytes.size();
  if (written_ != root_.size) return {};
  if (auto done = judge({}); !done) return done;
  auto checked = judge(check_root());
  if (!checked) return checked;
  written_ = 0;
  auto created = disk_.create(temporary_name(target_));
  return created ? created : judge(created);
}

Outcome<void> Writer::kernel(Bytes bytes) {
  if (state_ != State::kernel) return fault("kernel bytes out of turn: " + std::string(text(state_)));
  if (bytes.size() > kernel_.size - written_) return judge(fault("more kernel bytes than were announced"));
  if (auto done = disk_.append(temporary_name(target_), bytes); !done) return judge(done);
  written_ += bytes.size();
  return written_ == kernel_.size ? judge({}) : Outcome<void>{};
}

Outcome<Entry> Writer::finish() {
  if (state_ != State::checking_kernel) {
    auto cut = judge(fault("the images end too early: " + std::string(text(state_))));
    return tl::unexpected(cut.error());
  }
  for (const auto action : {Action::check_kernel, Action::rename}) {
    if (auto done = judge(act(action)); !done) return tl::unexpected(done.error());
  }
  return entry_;
}

void Writer::abandon() {
  if (state_ == State::restart_needed || state_ == State::idle) return;
  state_ = State::failed;
  static_cast<void>(disk_.remove(temporary_name(target_)));  // a leftover does no harm: the loader ignores it
}

// Before a byte of the root is touched no name may lead to it any more, and that must be on the disk.
Outcome<void> Writer::clear() {
  auto names = disk_.list();
  if (!names) return tl::unexpected(names.error());
  for (const auto& name : *names) {
    const auto entry = parse_entry(name);
    if ((!entry || entry->slot != target_) && name != temporary_name(target_)) continue;
    if (auto removed = disk_.remove(name); !removed) return removed;
  }
  return disk_.sync_directory();
}

Outcome<void> Writer::check_root() {
  if (auto synced = disk_.sync_root(target_); !synced) return synced;
  const auto hash = hash_piecewise(
      root_.size, [&](std::uint64_t at, MutableBytes into) { return disk_.read_root(target_, at, into); });
  if (!hash) return tl::unexpected(hash.error());
  if (*hash == root_.hash) return {};
  return fault("the root that was read back from slot " + std::string(1, letter(target_)) +
               " is not what was written: the disk may be failing");
}

Outcome<void> Writer::check_kernel() {
  const auto name = temporary_name(target_);
  if (auto synced = disk_.sync_file(name); !synced) return synced;
  if (auto synced = disk_.sync_directory(); !synced) return synced;
  const auto size = disk_.file_size(name);
  if (!size) return tl::unexpected(size.error());
  const auto hash = hash_piecewise(
      *size, [&](std::uint64_t at, MutableBytes into) { return disk_.read_file(name, at, into); });
  if (!hash) return tl::unexpected(hash.error());
  if (*size == kernel_.size && *hash == kernel_.hash) return {};
  return fault("the kernel that was read back from the ESP is not what was written: the disk may be failing");
}

Outcome<void> Writer::rename() {
  const auto names = disk_.list();
  if (!names) return tl::unexpected(names.error());
  entry_ = {.number = next_number(*names), .slot = target_, .tries = Tries{kTries, 0}};
  if (auto renamed = disk_.rename(temporary_name(target_), file_name(entry_)); !renamed) return renamed;
  return disk_.sync_directory();
}

}  // namespace postern::slots
