// `postern support-bundle`: what helps to find a fault, without what must not leave the box.
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "firmware/control/cli/bundle/archive.hpp"
#include "firmware/control/cli/keys.hpp"
#include "firmware/control/reporter/report/gzip.hpp"
#include "platform/base/bytes.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::cli {

namespace {

constexpr std::size_t kMostFile = 256u << 10;
constexpr std::size_t kLastLog = 512u << 10;

struct Asked {
  const char* file;
  Json question;
};

std::vector<Asked> questions() {
  return {{"status.json", {{"command", "status"}}},
          {"counters.json", {{"command", "counters"}}},
          {"settings.json", {{"command", "settings"}}},
          {"settings-state.json", {{"command", "settings.state"}}},
          {"settings-history.json", {{"command", "settings.history"}, {"most", 50}}},
          {"keystore.json", {{"command", "keys.state"}}},
          {"keys.json", {{"command", "keys.list"}}},
          {"messages.json", {{"command", "outcomes"}, {"most", 500}}}};
}

constexpr auto kMachine = std::to_array<const char*>({"/etc/os-release", "/proc/cmdline", "/proc/cpuinfo",
                                                      "/proc/meminfo", "/proc/interrupts", "/proc/loadavg",
                                                      "/proc/uptime", "/proc/net/dev", "/proc/mounts"});

std::string content_of(const std::filesystem::path& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  text.resize(most);
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::string end_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "cannot be read\n";
  const auto size = static_cast<std::size_t>(file.tellg());
  file.seekg(static_cast<std::streamoff>(size > kLastLog ? size - kLastLog : 0));
  return {std::istreambuf_iterator<char>(file), {}};
}

// Vendor, device, class and driver of each PCI device: enough to say which card it is.
std::string devices() {
  std::string text;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/pci/devices", none)) {
    text += entry.path().filename().string();
    for (const char* name : {"vendor", "device", "class"}) {
      auto value = content_of(entry.path() / name, 64);
      std::erase(value, '\n');
      text += " " + value;
    }
    text += " " + std::filesystem::read_symlink(entry.path() / "driver", none).filename().string() + "\n";
  }
  return text;
}

std::string versions() {
  utsname machine{};
  ::uname(&machine);
  return std::string("postern ") + POSTERN_VERSION + "\n" + machine.sysname + " " + machine.release + " " +
         machine.version + " " + machine.machine + "\n";
}

std::vector<BundleFile> collect(const Invocation& invocation) {
  std::vector<BundleFile> files;
  for (const auto& one : questions()) {
    const auto reply = ask(invocation, one.question);
    files.push_back({one.file, reply.json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"});
    if (reply.status == kNoControl) break;
  }
  files.push_back({"versions.txt", versions()});
  files.push_back({"hardware/pci.txt", devices()});
  for (const char* path : kMachine) {
    const auto name = std::filesystem::path(path).filename().string();
    files.push_back({"hardware/" + name + ".txt", content_of(path, kMostFile)});
  }
  if (const auto log = invocation.given.find("--log"); log != invocation.given.end())
    files.push_back({"log.txt", end_of(log->second)});
  return files;
}

std::string manifest(const std::vector<BundleFile>& files) {
  std::string text = "What is in this bundle. Keys, passwords and the content of mail are not.\n\n";
  for (const auto& file : files) text += file.name + " " + std::to_string(file.content.size()) + "\n";
  return text;
}

Result<void, Fault> write_file(const std::string& path, Bytes content) {
  const process::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fault("cannot make " + path + ": " + std::strerror(errno));
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fault("cannot write " + path + ": " + std::strerror(errno));
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

int bundle_command(const Invocation& invocation) {
  if (invocation.words.size() != 1) return complain("it needs the FILE to write; see --help", kUsage);
  auto files = collect(invocation);
  const bool addresses = invocation.given.count("--no-addresses") != 0;
  for (auto& file : files) file.content = scrub(file.content, addresses);
  files.insert(files.begin(), {"MANIFEST.txt", manifest(files)});
  const auto tar = write_tar(files, static_cast<std::uint64_t>(std::time(nullptr)));
  const auto packed = reporter::gzip(tar);
  if (const auto written = write_file(invocation.words[0], as_bytes(packed)); !written)
    return complain(written.error().reason, kFailed);
  if (invocation.json) {
    Json names = Json::array();
    for (const auto& file : files) names.push_back(file.name);
    return print({{"file", invocation.words[0]}, {"bytes", packed.size()}, {"files", names}});
  }
  std::printf("%s%s: %zu bytes\n", files[0].content.c_str(), invocation.words[0].c_str(), packed.size());
  return kDone;
}

}  // namespace postern::control::cli
