#include "firmware/init/system.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

Result<void, Fault> write_whole(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const auto wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0) return fault(error_text("cannot write", path));
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

void load_module(const std::string& path) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return say(error_text("cannot open module", path));
  const bool loaded = ::syscall(SYS_finit_module, file.get(), "", 0) == 0;
  if (!loaded && errno != EEXIST && errno != ENODEV) say(error_text("module does not load:", path));
}

process::Descriptor log_line;

// `level` as the kernel writes it. <5> notice: shown on the console unless it is quiet; <3> error: always.
void tell(std::string_view level, std::string_view text) {
  const std::string line = "postern: " + std::string(text) + "\n";
  if (log_line && ::write(log_line.get(), line.data(), line.size()) < 0) log_line.reset();
  static int kmsg = -1;
  if (kmsg < 0) kmsg = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  const std::string record = std::string(level) + line;
  if (kmsg >= 0 && ::write(kmsg, record.data(), record.size()) > 0) return;
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace

std::string error_text(std::string_view what, const std::string& on) {
  return std::string(what) + " " + on + ": " + std::strerror(errno);
}

void say(std::string_view text) {
  tell("<5>", text);
}

void cry(std::string_view text) {
  tell("<3>", text);
}

void log_to(const std::string& device) {
  if (device.empty()) return;
  // Without O_NONBLOCK this would wait for a carrier.
  process::Descriptor line(::open(("/dev/" + device).c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  termios how{};
  if (::tcgetattr(line.get(), &how) != 0) return;  // there is no such part
  ::cfmakeraw(&how);
  how.c_cflag |= CLOCAL;
  ::cfsetspeed(&how, B115200);
  ::tcsetattr(line.get(), TCSANOW, &how);
  ::fcntl(line.get(), F_SETFL, 0);
  log_line = std::move(line);
}

void show_once(std::string_view text) {
  const process::Descriptor console(::open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC));
  const std::string line = "\r\n" + std::string(text) + "\r\n";
  if (::write(console.get(), line.data(), line.size()) < 0) say("the console takes no text");
}

Result<std::string, Fault> read_file(const std::string& path, std::size_t most) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fault(error_text("cannot open", path));
  std::string text(most, '\0');
  std::size_t got = 0;
  while (got < most) {
    const auto now = ::read(file.get(), text.data() + got, most - got);
    if (now < 0) return fault(error_text("cannot read", path));
    if (now == 0) break;
    got += static_cast<std::size_t>(now);
  }
  text.resize(got);
  return text;
}

Result<void, Fault> write_file(const std::string& path, std::string_view text) {
  const process::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return fault(error_text("cannot open", path));
  return write_whole(file.get(), text, path);
}

Result<void, Fault> replace_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  {
    const process::Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return fault(error_text("cannot make", fresh));
    if (auto done = write_whole(file.get(), text, fresh); !done) return done;
    if (::fsync(file.get()) != 0) return fault(error_text("cannot sync", fresh));
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return fault(error_text("cannot rename", fresh));
  const auto parent = path.substr(0, path.rfind('/') + 1);
  const process::Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return fault(error_text("cannot sync", parent));
  return {};
}

Result<void, Fault> mount(const Mount& what) {
  ::mkdir(what.target.c_str(), 0755);
  if (::mount(what.source.c_str(), what.target.c_str(), what.type.c_str(), what.flags,
              what.options.c_str()) == 0)
    return {};
  return fault(error_text("cannot mount " + what.source + " on", what.target));
}

Result<void, Fault> unmount(const std::string& target) {
  if (::umount2(target.c_str(), 0) == 0) return {};
  return fault(error_text("cannot unmount", target));
}

void load_modules(const std::string& list, const std::string& directory) {
  const auto text = read_file(list);
  if (!text) return say(text.error().reason);
  std::size_t from = 0;
  while (from < text->size()) {
    const auto end = std::min(text->find('\n', from), text->size());
    if (end > from) load_module(directory + "/" + text->substr(from, end - from));
    from = end + 1;
  }
}

std::string kernel_word(std::string_view command_line, std::string_view name) {
  while (!command_line.empty()) {
    const auto end = std::min(command_line.find_first_of(" \n"), command_line.size());
    const auto word = command_line.substr(0, end);
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
      return std::string(word.substr(name.size() + 1));
    command_line.remove_prefix(std::min(end + 1, command_line.size()));
  }
  return {};
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

namespace {

pid_t start(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

void run_aside(const std::vector<std::string>& words) {
  if (start(words) < 0) say(error_text("cannot start", words.front()));
}

Result<int, Fault> run(const std::vector<std::string>& words) {
  const pid_t child = start(words);
  if (child < 0) return fault(error_text("cannot start", words.front()));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fault(error_text("cannot wait for", words.front()));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace postern::init
