// Passphrases from people: see the header.
#include "firmware/control/cli/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>

#include "platform/process/descriptor.hpp"

namespace postern::control::cli {

namespace {

constexpr std::size_t kMostFile = 8u << 20;

}  // namespace

std::string read_quietly(const char* prompt) {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    std::fputs(prompt, stderr);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputs("\n", stderr);
  }
  return line;
}

std::string read_passphrase(bool twice) {
  auto first = read_quietly("passphrase: ");
  if (!twice || ::isatty(STDIN_FILENO) == 0) return first;
  return read_quietly("the same again: ") == first ? first : std::string();
}

std::optional<std::string> read_small_file(const std::string& path) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string content;
  std::array<char, 65536> buffer;
  while (content.size() <= kMostFile) {
    const auto got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0) return std::nullopt;
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

bool write_new_file(const std::string& path, const std::string& content) {
  const process::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return file &&
         ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
         ::fsync(file.get()) == 0;
}

}  // namespace postern::control::cli
