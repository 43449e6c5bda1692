#include "firmware/init/verity.hpp"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

constexpr std::size_t kSuperblock = 512;
constexpr std::uint64_t kSector = 512;

std::uint64_t little(Bytes from, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(from[i]);
  return value;
}

std::string hexadecimal(Bytes raw) {
  std::string text;
  for (const auto byte : raw) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", static_cast<unsigned>(byte));
    text += two.data();
  }
  return text;
}

// One request to the device mapper: its header, and what follows it.
class Request {
 public:
  explicit Request(const std::string& name, std::size_t more = 0) : buffer_(sizeof(dm_ioctl) + more + 512) {
    auto& io = head();
    io.version[0] = DM_VERSION_MAJOR;
    io.data_size = static_cast<std::uint32_t>(buffer_.size());
    io.data_start = sizeof(dm_ioctl);
    std::strncpy(io.name, name.c_str(), sizeof io.name - 1);
  }
  dm_ioctl& head() { return *reinterpret_cast<dm_ioctl*>(buffer_.data()); }
  char* body() { return buffer_.data() + sizeof(dm_ioctl); }
  bool send(int control, unsigned long command) { return ::ioctl(control, command, buffer_.data()) == 0; }

 private:
  std::vector<char> buffer_;
};

bool load_table(int control, const std::string& name, const std::string& table, std::uint64_t sectors) {
  Request request(name, sizeof(dm_target_spec) + table.size() + 16);
  request.head().target_count = 1;
  request.head().flags = DM_READONLY_FLAG;
  dm_target_spec target{};
  target.length = sectors;
  target.next = static_cast<std::uint32_t>(sizeof target + table.size() + 1);
  std::strncpy(target.target_type, "verity", sizeof target.target_type - 1);
  std::memcpy(request.body(), &target, sizeof target);
  std::memcpy(request.body() + sizeof target, table.c_str(), table.size() + 1);
  return request.send(control, DM_TABLE_LOAD);
}

}  // namespace

Result<VeritySuperblock, Fault> read_verity_superblock(Bytes raw) {
  constexpr std::array<std::uint8_t, 8> kMagic{'v', 'e', 'r', 'i', 't', 'y', 0, 0};
  if (raw.size() < kSuperblock || std::memcmp(raw.data(), kMagic.data(), kMagic.size()) != 0)
    return fault("no verity superblock");
  VeritySuperblock superblock;
  const auto version = little(raw.subspan(8), 4), type = little(raw.subspan(12), 4);
  if (version != 1 || type != 1) return fault("a verity superblock of another version");
  const auto* name = reinterpret_cast<const char*>(raw.data()) + 32;
  superblock.algorithm.assign(name, ::strnlen(name, 32));
  superblock.data_block = static_cast<std::uint32_t>(little(raw.subspan(64), 4));
  superblock.hash_block = static_cast<std::uint32_t>(little(raw.subspan(68), 4));
  superblock.data_blocks = little(raw.subspan(72), 8);
  const auto salt = little(raw.subspan(80), 2);
  if (superblock.algorithm != "sha256" || superblock.data_block != 4096 || superblock.hash_block != 4096 ||
      salt > 256 || superblock.data_blocks == 0 || superblock.data_blocks > 1U << 24)
    return fault("a verity superblock with odd figures");
  superblock.salt = salt == 0 ? "-" : hexadecimal(raw.subspan(88, salt));
  return superblock;
}

std::string verity_table(const VeritySuperblock& superblock, const std::string& device, std::uint64_t offset,
                         const std::string& root_hash) {
  // The tree starts with the first block behind the superblock. A damaged block must end this start, not one
  // program: the kernel panics, the box starts again, and the loader counts.
  return "1 " + device + " " + device + " 4096 4096 " + std::to_string(superblock.data_blocks) + " " +
         std::to_string(offset / 4096 + 1) + " sha256 " + root_hash + " " + superblock.salt +
         " 1 panic_on_corruption";
}

Result<std::string, Fault> open_verity(const std::string& name, const std::string& device,
                                       std::uint64_t offset, const std::string& root_hash) {
  std::array<std::uint8_t, kSuperblock> raw{};
  {
    const process::Descriptor file(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return fault(error_text("cannot open", device));
    if (::pread(file.get(), raw.data(), raw.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(raw.size()))
      return fault(error_text("cannot read the verity superblock of", device));
  }
  const auto superblock = read_verity_superblock(raw);
  if (!superblock) return fault(device + ": " + superblock.error().reason);
  const process::Descriptor control(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC));
  if (control.get() < 0) return fault(error_text("cannot open", "/dev/mapper/control"));
  Request create(name);
  if (!create.send(control.get(), DM_DEV_CREATE)) return fault(error_text("cannot make the device", name));
  const auto table = verity_table(*superblock, device, offset, root_hash);
  if (!load_table(control.get(), name, table, superblock->data_blocks * (superblock->data_block / kSector)))
    return fault(error_text("the kernel refuses the verity table of", device));
  Request resume(name);
  if (!resume.send(control.get(), DM_DEV_SUSPEND)) return fault(error_text("cannot start the device", name));
  const auto number = resume.head().dev;
  return "/dev/dm-" + std::to_string(minor(static_cast<dev_t>(number)));
}

}  // namespace postern::init
