// `postern update`: a bundle into the idle slot, and what comes after its first start. It works on the slots
// folder itself, so it needs nobody but root, and works in the rescue system too.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/update/install/medium.hpp"
#include "firmware/control/update/install/report.hpp"

namespace postern::control::cli {
namespace {

using namespace postern::control::update;

// For the box's init: what to do after `good` and `bad`.
constexpr int kWaiting = 5;
constexpr int kRestart = 6;

std::filesystem::path slots_folder(const Invocation& invocation) {
  const auto found = invocation.given.find("--slots");
  return found != invocation.given.end() ? found->second : kSlotsFolder;
}

std::uint64_t boot_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec);
}

// Others learn from files, also when a command failed.
void publish(Box& box) {
  if (const auto status = status_json(box, boot_seconds())) write_json(box.folder() / "status.json", *status);
}

// An open bundle; the medium it lies on stays mounted as long.
struct Bundle {
  std::unique_ptr<Medium> medium;
  process::Descriptor file;
};

Result<Bundle, Fault> open_bundle(const std::filesystem::path& slots, const std::string& source) {
  Bundle bundle;
  auto path = source;
  if (names_medium(source)) {
    auto found = Medium::find(slots, source);
    if (!found) return tl::unexpected(found.error());
    bundle.medium = std::move(*found);
    path = bundle.medium->bundle();
  }
  bundle.file.reset(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!bundle.file) return fault("cannot open " + path + ": " + std::strerror(errno));
  return bundle;
}

ReadBundle read_from(const Bundle& bundle) {
  return [&bundle](MutableBytes into) -> Outcome<std::size_t> {
    while (true) {
      const auto got = ::read(bundle.file.get(), into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fault(std::string("cannot read the bundle: ") + std::strerror(errno));
    }
  };
}

// A line that is drawn over itself at a terminal, one line for each step elsewhere.
class ProgressLine {
 public:
  ProgressLine(const Invocation& invocation, std::filesystem::path file)
      : show_(!invocation.json), terminal_(invocation.terminal), file_(std::move(file)) {}

  void operator()(const Progress& progress) {
    const auto percent = progress.total == 0 ? 0 : progress.done * 100 / progress.total;
    if (percent == percent_ && progress.state == state_) return;
    const bool step = progress.state != state_;
    percent_ = percent;
    state_ = progress.state;
    write_json(file_, progress_json(progress));
    if (!show_ || (!terminal_ && !step)) return;
    std::printf(terminal_ ? "\r%3u %%  %-28s" : "%3u %%  %s\n", static_cast<unsigned>(percent),
                std::string(slots::text(progress.state)).c_str());
    std::fflush(stdout);
  }
  void end() const {
    if (show_ && terminal_ && percent_ != ~std::uint64_t{0}) std::printf("\n");
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }

 private:
  bool show_;
  bool terminal_;
  std::filesystem::path file_;
  std::uint64_t percent_ = ~std::uint64_t{0};
  slots::State state_ = slots::State::idle;
};

Result<std::uint32_t, Fault> minutes(const Invocation& invocation) {
  const auto found = invocation.given.find("--confirm");
  if (found == invocation.given.end()) return 0U;
  std::uint32_t value = 0;
  const auto& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 1440)
    return fault("--confirm takes minutes, from 1 to 1440");
  return value;
}

std::uint64_t settings_generation(const Invocation& invocation) {
  const auto found = invocation.given.find("--settings-generation");
  return found == invocation.given.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
}

int tell_installed(const Invocation& invocation, const Installed& installed) {
  if (invocation.json) {
    return print({{"slot", std::string(1, slots::letter(installed.entry.slot))},
                  {"version", installed.version},
                  {"signed_by", installed.signed_by},
                  {"test_key", installed.test_key},
                  {"reused_bytes", installed.reused},
                  {"restart_needed", true}});
  }
  if (installed.test_key)
    std::printf(
        "WARNING: this bundle is signed with a TEST key (%s). Whoever has the build can make such bundles.\n",
        printable(installed.signed_by).c_str());
  std::printf("version %s is in slot %c, signed by %s; it starts with the next restart\n",
              installed.version.c_str(), slots::letter(installed.entry.slot),
              printable(installed.signed_by).c_str());
  return kDone;
}

int install_file(const Invocation& invocation, const std::string& path) {
  const auto confirm_minutes = minutes(invocation);
  if (!confirm_minutes) return complain(confirm_minutes.error().reason, kUsage);
  auto file = open_bundle(slots_folder(invocation), path);
  if (!file) return complain(file.error().reason, kFailed);
  auto box = Box::open(slots_folder(invocation));
  if (!box) return complain(box.error().reason, kFailed);
  ProgressLine line(invocation, box->folder() / "progress.json");
  const Wishes wishes{.allow_older = invocation.given.contains("--allow-older"),
                      .confirm_minutes = *confirm_minutes,
                      .settings_generation = settings_generation(invocation)};
  const auto installed =
      install(*box, read_from(*file), wishes, [&line](const Progress& progress) { line(progress); });
  line.end();
  publish(*box);
  if (!installed) return complain(installed.error().reason, kFailed);
  return tell_installed(invocation, *installed);
}

int inspect_file(const Invocation& invocation) {
  if (invocation.words.size() != 2) return complain("which bundle? postern update inspect FILE", kUsage);
  auto file = open_bundle(slots_folder(invocation), invocation.words[1]);
  if (!file) return complain(file.error().reason, kFailed);
  const auto keys = load_keys(slots_folder(invocation) / "keys");
  if (!keys) return complain(keys.error().reason, kFailed);
  const auto seen = inspect(*keys, read_from(*file));
  if (!seen) return complain(seen.error().reason, kFailed);
  auto json = manifest_json(seen->manifest);
  json["signed_by"] = seen->signed_by;
  if (invocation.json) return print(json);
  for (const auto& [key, value] : json.items())
    std::printf("%-14s %s\n", key.c_str(),
                printable(value.is_string() ? value.get<std::string>() : value.dump()).c_str());
  return kDone;
}

int status(const Invocation& invocation) {
  auto box = Box::open(slots_folder(invocation));
  if (!box) return complain(box.error().reason, kFailed);
  const auto json = status_json(*box, boot_seconds());
  if (!json) return complain(json.error().reason, kFailed);
  publish(*box);
  if (invocation.json) return print(*json);
  Table table({{"SLOT"}, {"VERSION"}, {"STATE"}, {""}});
  for (const auto& slot : (*json)["slots"]) {
    const auto letter = slot["slot"].get<std::string>();
    std::string note = slot["running"].get<bool>() ? "runs" : "";
    if ((*json)["next"] == letter) note += note.empty() ? "starts next" : ", starts next";
    table.add({letter, slot["version"], slot["condition"], note});
  }
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  if ((*json)["running"] == "rescue") std::printf("\nthe rescue system runs\n");
  if (const auto floor = (*json)["floor"].get<std::string>(); !floor.empty())
    std::printf("\noldest version that may be installed: %s\n", printable(floor).c_str());
  if (const auto last = (*json)["last"].get<std::string>(); !last.empty())
    std::printf("last update: %s\n", printable(last).c_str());
  if (json->contains("confirm_seconds"))
    std::printf("\nWAITING: say 'postern update confirm' within %s, or the box goes back\n",
                since((*json)["confirm_seconds"].get<std::uint64_t>()).c_str());
  return kDone;
}

Outcome<Judged> judge(Box& box, const Invocation& invocation) {
  const auto& verb = invocation.words[0];
  if (verb == "confirm") return confirm(box);
  if (verb == "rollback") return roll_back(box);
  if (verb == "good") return found_healthy(box, boot_seconds());
  return found_unhealthy(box, invocation.words.size() > 1 ? invocation.words[1] : "it was found unhealthy");
}

int change(const Invocation& invocation) {
  auto box = Box::open(slots_folder(invocation));
  if (!box) return complain(box.error().reason, kFailed);
  const auto judged = judge(*box, invocation);
  publish(*box);
  if (!judged) return complain(judged.error().reason, kFailed);
  const bool restart = judged->verdict == Verdict::going_back;
  if (invocation.json) {
    print({{"text", judged->text}, {"restart_needed", restart}, {"seconds_left", judged->seconds_left}});
  } else if (invocation.words[0] != "good" &&
             invocation.words[0] != "bad") {  // init says it in its own words
    std::printf("%s%s\n", printable(judged->text).c_str(), restart ? "; restart the box" : "");
  }
  if (judged->verdict == Verdict::waiting) return kWaiting;
  // An operator asked for it and got it; init has to act on it.
  return restart && invocation.words[0] != "rollback" ? kRestart : kDone;
}

// What control was asked for and may not do itself (update/desk): request.json in, result.json out.
Outcome<Json> carry_out(Box& box, const Invocation& invocation, const Json& request) {
  const auto verb = request.value("verb", std::string());
  if (verb != "install") {
    const auto judged = verb == "confirm"    ? confirm(box)
                        : verb == "rollback" ? roll_back(box)
                                             : fault("an unknown request");
    if (!judged) return tl::unexpected(judged.error());
    return Json{{"text", judged->text}, {"restart_needed", judged->verdict == Verdict::going_back}};
  }
  auto file = open_bundle(box.folder(), request.value("file", std::string()));
  if (!file) return tl::unexpected(file.error());
  ProgressLine line(invocation, box.folder() / "progress.json");
  const Wishes wishes{.allow_older = request.value("allow_older", false),
                      .confirm_minutes = request.value("confirm_minutes", 0U),
                      .settings_generation = request.value("settings_generation", std::uint64_t{0})};
  const auto installed =
      install(box, read_from(*file), wishes, [&line](const Progress& progress) { line(progress); });
  line.end();
  if (!installed) return tl::unexpected(installed.error());
  return Json{{"version", installed->version},
              {"signed_by", installed->signed_by},
              {"test_key", installed->test_key},
              {"restart_needed", true}};
}

// Whoever asked at the door asked for what comes after the restart.
void ask_for_restart(const Json& request, const Json& result) {
  const auto wish = request.is_object() ? request.value("wish", std::string()) : "";
  if (!wish.empty() && result.value("restart_needed", false)) std::ofstream(wish) << "reboot\n";
}

int serve_request(Invocation invocation) {
  invocation.json = true;  // nobody looks
  const auto folder = slots_folder(invocation);
  const auto request = read_json(folder / "request.json");
  auto box = Box::open(folder);
  auto result = !box                  ? Outcome<Json>(tl::unexpected(box.error()))
                : request.is_object() ? carry_out(*box, invocation, request)
                                      : Outcome<Json>(fault("there is no request"));
  Json json = result ? *result : Json{{"error", result.error().reason}};
  json["verb"] = request.is_object() ? request.value("verb", std::string()) : "";
  write_json(folder / "result.json", json);
  std::error_code ignored;
  std::filesystem::remove(folder / "request.json", ignored);
  if (box) publish(*box);
  ask_for_restart(request, json);
  return result ? kDone : kFailed;
}

}  // namespace

int update_command(const Invocation& invocation) {
  if (invocation.words.empty())
    return complain("what? postern update FILE, or status, confirm, rollback, inspect FILE", kUsage);
  const auto& verb = invocation.words[0];
  if (verb == "status") return status(invocation);
  if (verb == "inspect") return inspect_file(invocation);
  if (verb == "request") return serve_request(invocation);
  for (const auto* one : {"confirm", "rollback", "good", "bad"}) {
    if (verb == one) return change(invocation);
  }
  if (invocation.words.size() > 1) return complain("one bundle at a time", kUsage);
  return install_file(invocation, verb);
}

}  // namespace postern::control::cli
