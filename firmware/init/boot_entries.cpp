#include "firmware/init/boot_entries.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

// As many as a kernel image has tries, so that one power-on uses them up and comes to the other slot.
constexpr std::array<std::uint16_t, 3> kOurs{0x0f01, 0x0f02, 0x0f03};
constexpr std::string_view kVariables = "/sys/firmware/efi/efivars/";
constexpr std::string_view kGlobal = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr std::string_view kLoader = "\\EFI\\BOOT\\BOOTX64.EFI";
constexpr std::uint32_t kKept = 7;  // non-volatile, at boot and at run time
constexpr std::size_t kDigits = 32;

void put(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_text(std::vector<std::uint8_t>& out, std::string_view text) {
  for (const char c : text) put(out, static_cast<unsigned char>(c), 2);
  put(out, 0, 2);
}

// UEFI 2.10 Appendix A: the first three groups are little-endian.
std::vector<std::uint8_t> raw_uuid(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  if (digits.size() != kDigits) return {};
  constexpr std::array<std::size_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::vector<std::uint8_t> raw;
  for (const auto at : kOrder)
    raw.push_back(static_cast<std::uint8_t>(std::strtoul(digits.substr(2 * at, 2).c_str(), nullptr, 16)));
  return raw;
}

std::string variable(std::string_view name) {
  return std::string(kVariables) + std::string(name) + std::string(kGlobal);
}

std::string entry_name(std::uint16_t number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "Boot%04X", static_cast<unsigned>(number));
  return text.data();
}

// efivarfs: four bytes of attributes, then the value; one write is one change. Files there are immutable until told.
Result<void, Fault> keep(const std::string& path, const std::vector<std::uint8_t>& value) {
  std::vector<std::uint8_t> whole;
  put(whole, kKept, 4);
  whole.insert(whole.end(), value.begin(), value.end());
  const auto there = read_file(path, 4096);
  if (there && std::equal(there->begin(), there->end(), whole.begin(), whole.end(),
                          [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }))
    return {};
  if (there) {
    const process::Descriptor old(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    int flags = 0;
    if (::ioctl(old.get(), FS_IOC_GETFLAGS, &flags) == 0) {
      flags &= ~FS_IMMUTABLE_FL;
      ::ioctl(old.get(), FS_IOC_SETFLAGS, &flags);
    }
  }
  const process::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0 || ::write(file.get(), whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()))
    return fault(error_text("cannot write the firmware's variable", path));
  return {};
}

std::uint64_t figure(const std::string& device, const std::string& name) {
  const auto text = read_file("/sys/class/block/" + device.substr(device.rfind('/') + 1) + "/" + name, 32);
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

std::vector<std::uint16_t> read_order() {
  const auto text = read_file(variable("BootOrder"), 4096);
  std::vector<std::uint16_t> order;
  for (std::size_t i = 4; text && i + 1 < text->size(); i += 2)
    order.push_back(static_cast<std::uint16_t>(static_cast<std::uint8_t>((*text)[i]) |
                                               static_cast<std::uint8_t>((*text)[i + 1]) << 8));
  return order;
}

}  // namespace

std::vector<std::uint8_t> load_option(const EspPlace& esp, const std::string& title) {
  const auto uuid = raw_uuid(esp.uuid);
  if (uuid.empty()) return {};
  std::vector<std::uint8_t> path;
  put(path, 0x002a0104, 4);  // media, hard drive, 42 bytes
  put(path, esp.number, 4);
  put(path, esp.start, 8);
  put(path, esp.sectors, 8);
  path.insert(path.end(), uuid.begin(), uuid.end());
  put(path, 0x0202, 2);  // GPT, the signature is a GUID
  put(path, 0x0404, 2);  // media, file
  put(path, 4 + 2 * (kLoader.size() + 1), 2);
  put_text(path, kLoader);
  put(path, 0x0004ff7f, 4);  // end
  std::vector<std::uint8_t> option;
  put(option, 1, 4);  // active
  put(option, path.size(), 2);
  put_text(option, title);
  option.insert(option.end(), path.begin(), path.end());
  return option;
}

std::vector<std::uint16_t> with_ours(std::vector<std::uint16_t> order) {
  for (const auto one : kOurs) {
    if (std::find(order.begin(), order.end(), one) == order.end()) order.push_back(one);
  }
  return order;
}

Result<void, Fault> keep_boot_entries(const std::string& device, const std::string& uuid) {
  const EspPlace esp{static_cast<std::uint32_t>(figure(device, "partition")), figure(device, "start"), figure(device, "size"), uuid};
  const auto order = read_order();
  // A firmware that shows no order is left alone.
  if (order.empty() || esp.sectors == 0) return {};
  for (const auto number : kOurs) {
    const auto option = load_option(esp, "Postern, try " + std::to_string(number & 15));
    if (option.empty()) return {};
    if (auto done = keep(variable(entry_name(number)), option); !done) return done;
  }
  std::vector<std::uint8_t> wanted;
  for (const auto one : with_ours(order)) put(wanted, one, 2);
  if (auto done = keep(variable("BootOrder"), wanted); !done) return done;
  say("the firmware comes back to the loader where a kernel image cannot be loaded");
  return {};
}

}  // namespace postern::init
