#include "firmware/init/storage.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "firmware/init/grow.hpp"
#include "firmware/init/key_file.hpp"
#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

namespace fs = std::filesystem;
constexpr const char* kCryptsetup = "/usr/sbin/cryptsetup";
constexpr const char* kMapped = "/dev/mapper/data";
constexpr const char* kSettings = "/data/etc/postern/settings.toml";
constexpr const char* kMaking = "/state/data.making";
constexpr const char* kHandedOver = "/run/data.key";
constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
// 48 characters of an alphabet of 32, in groups: 240 bits. No letter looks like a digit.
constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t kGroups = 8, kGroup = 6;

Result<void, Fault> must(const std::vector<std::string>& words, const std::string& what) {
  const auto status = run(words);
  if (!status) return fault(status.error().reason);
  if (*status != 0) return fault(what + " failed (" + std::to_string(*status) + ")");
  return {};
}

Result<void, Fault> make_ext4(const std::string& device, const std::string& label) {
  return must({"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-E",
               "lazy_itable_init=0,lazy_journal_init=0", device},
              "making a file system on " + device);
}

std::string fresh_recovery_key() {
  std::string text;
  for (std::size_t i = 0; i < kGroups * kGroup; ++i) {
    std::uint8_t byte = 0;
    while (::getrandom(&byte, 1, 0) != 1) continue;
    if (i != 0 && i % kGroup == 0) text += '-';
    text += kAlphabet[byte % kAlphabet.size()];
  }
  return text;
}

bool empty(const std::string& device) {
  const auto head = read_file(device, 64 * 1024);
  return head && std::all_of(head->begin(), head->end(), [](char c) { return c == 0; });
}

// The keys are 240 bits of chance: stretching them would only make the start slower.
Result<void, Fault> make_data(const Storage& storage) {
  const auto recovery = fresh_recovery_key();
  const std::string recovery_file = "/run/recovery.key";
  if (auto done = write_file(recovery_file, recovery); !done) return done;
  auto made = must({kCryptsetup, "luksFormat", "--batch-mode", "--type", "luks2", "--cipher",
                    "aes-xts-plain64", "--key-size", "512", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations",
                    "1000", "--key-file", kHandedOver, storage.data_device},
                   "encrypting " + storage.data_device);
  if (made)
    made = must({kCryptsetup, "luksAddKey", "--batch-mode", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations",
                 "1000", "--key-file", kHandedOver, storage.data_device, recovery_file},
                "adding the recovery key");
  ::unlink(recovery_file.c_str());
  if (!made) return made;
  show_once("RECOVERY KEY of the data partition, shown this once. Write it down: " + recovery);
  return {};
}

Result<void, Fault> unlock(const Storage& storage, const std::string& key_file) {
  return must({kCryptsetup, "open", "--type", "luks2", "--key-file", key_file, storage.data_device, "data"},
              "opening " + storage.data_device);
}

Result<void, Fault> mount_data() {
  // What the journal cannot mend, e2fsck does; it says 1 where it mended something.
  const auto checked = run({"/usr/sbin/e2fsck", "-p", kMapped});
  if (!checked || *checked > 1)
    say("the data partition's file system was damaged: e2fsck says " +
        std::to_string(checked ? *checked : -1));
  return mount({kMapped, "/data", "ext4", kFlags, ""});
}

void copy_first_settings(const std::string& from) {
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(from, failed)) {
    if (!file.is_regular_file()) continue;
    const auto to = "/data/etc/postern/" + file.path().filename().string();
    const auto text = read_file(file.path().string());
    if (text && write_file(to, *text))
      say("first settings: took " + file.path().filename().string() + " from the medium");
  }
}

}  // namespace

Result<void, Fault> open_state(const Storage& storage) {
  const Mount what{storage.state_device, "/state", "ext4", kFlags, "data=journal"};
  if (::access("/state/lost+found", F_OK) == 0) return {};
  if (mount(what)) return {};
  (void)run({"/usr/sbin/e2fsck", "-p", storage.state_device});
  if (mount(what)) return {};
  say("the state partition is made new");
  if (auto done = make_ext4(storage.state_device, "state"); !done) return done;
  return mount(what);
}

Result<DataFacts, Fault> open_data(const Storage& storage) {
  ::setenv("DM_DISABLE_UDEV", "1", 1);
  DataFacts facts;
  // A making that was cut short left nothing worth keeping, and not always an empty head.
  facts.fresh = empty(storage.data_device) || ::access(kMaking, F_OK) == 0;
  if (facts.fresh) {
    if (auto marked = replace_file(kMaking, ""); !marked) say(marked.error().reason);
    if (auto grown = grow_data(storage.disk); !grown) say(grown.error().reason);
  }
  const auto holder = facts.fresh ? make_key(kHandedOver) : hold_key(kHandedOver);
  if (!holder) return fault(holder.error().reason);
  facts.holder = *holder;
  if (facts.holder == KeyHolder::file)
    say("NO TPM: the data partition's key lies in a file beside it; whoever has the disk can read the data");
  Result<void, Fault> done;
  if (facts.fresh) done = make_data(storage);
  if (done) done = unlock(storage, kHandedOver);
  ::unlink(kHandedOver);
  if (done && facts.fresh) done = make_ext4(kMapped, "data");
  if (done) done = mount_data();
  if (!done) return fault(done.error().reason);
  if (facts.fresh) {
    ::sync();
    ::unlink(kMaking);
  }
  return facts;
}

// The box's key has slot 0, the recovery key slot 1.
Result<void, Fault> open_data_with(const Storage& storage, const std::string& recovery_key) {
  const std::string typed = "/run/recovery.key";
  if (auto done = write_file(typed, recovery_key); !done) return done;
  auto done = unlock(storage, typed);
  if (done && make_key(kHandedOver)) {
    (void)must({kCryptsetup, "luksKillSlot", "--batch-mode", "--key-file", typed, storage.data_device, "0"},
               "removing the old key");
    auto added =
        must({kCryptsetup, "luksAddKey", "--batch-mode", "--key-slot", "0", "--pbkdf", "pbkdf2",
              "--pbkdf-force-iterations", "1000", "--key-file", typed, storage.data_device, kHandedOver},
             "keeping a new key");
    say(added ? "this box opens its data by itself again from the next start on" : added.error().reason);
  }
  ::unlink(typed.c_str());
  ::unlink(kHandedOver);
  if (!done) return done;
  return mount_data();
}

void furnish(const std::string& esp_device, const std::string& management) {
  std::error_code failed;
  for (const auto* path :
       {"etc/postern", "var/spool/postern", "var/lib/postern/resolver", "var/log/postern", "var/tmp"}) {
    fs::create_directories(std::string("/data/") + path, failed);
  }
  if (fs::exists(kSettings, failed)) return;
  if (mount({esp_device, "/run/esp", "vfat", kFlags | MS_RDONLY, "umask=077"})) {
    copy_first_settings("/run/esp/postern");
    (void)unmount("/run/esp");
  }
  if (fs::exists(kSettings, failed)) return;
  const auto address = management.empty() ? "[::]" : management.substr(0, management.find('/'));
  if (auto done = write_file(kSettings, "admin.address = \"" + address + ":443\"\n"); !done) say(done.error().reason);
}

Result<void, Fault> factory_reset(const Storage& storage) {
  if (auto done = must({kCryptsetup, "erase", "--batch-mode", storage.data_device}, "erasing the keys");
      !done) {
    say(done.error().reason + "; the head of the partition is overwritten all the same");
  }
  const process::Descriptor device(::open(storage.data_device.c_str(), O_WRONLY | O_CLOEXEC));
  if (device.get() < 0) return fault(error_text("cannot open", storage.data_device));
  const std::array<char, 65536> zeros{};
  for (int i = 0; i < 16 * 16; ++i) {  // 16 MiB: both headers and all key slots
    if (::write(device.get(), zeros.data(), zeros.size()) < 0)
      return fault(error_text("cannot overwrite", storage.data_device));
  }
  if (::fsync(device.get()) != 0) return fault(error_text("cannot sync", storage.data_device));
  forget_key();
  return {};
}

}  // namespace postern::init
