// What a first process needs from Linux, each in one call: files, mounts, modules, the end.
//
// What always holds: nothing here throws, and a fault says what was tried on what.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::init {

// One line in the kernel's log, and on the console until that belongs to people: "postern: text".
void say(std::string_view text);
// The same for what people have to see at any time.
void cry(std::string_view text);
// From now on every line goes to this serial line besides ("ttyS1"), where a machine may write it down. Empty,
// or no such line: as before.
void log_to(const std::string& device);

// On the console and nowhere else: what no log may hold.
void show_once(std::string_view text);

Result<std::string, Fault> read_file(const std::string& path, std::size_t most = 1 << 20);
// Into what is there already (sysfs), or a new file.
Result<void, Fault> write_file(const std::string& path, std::string_view text);
// Whole and durable, or not at all: a new file, synced, renamed over the old one, directory synced.
Result<void, Fault> replace_file(const std::string& path, std::string_view text);

struct Mount {
  std::string source;
  std::string target;
  std::string type;
  unsigned long flags = 0;
  std::string options;
};
Result<void, Fault> mount(const Mount& what);
Result<void, Fault> unmount(const std::string& target);

// Loads the modules of a list, one path on each line, in that order. A module that finds no hardware is no
// fault.
void load_modules(const std::string& list, const std::string& directory);

// The value of a word of the kernel's command line ("postern.roothash"), or nothing.
std::string kernel_word(std::string_view command_line, std::string_view name);

// Until it is true, or the time is over.
bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds most);

// A program run to its end with nothing but these arguments; its exit status, or a fault where it cannot be
// started.
Result<int, Fault> run(const std::vector<std::string>& words);
// The same, but nobody waits for its end.
void run_aside(const std::vector<std::string>& words);

std::string error_text(std::string_view what, const std::string& on);

}  // namespace postern::init
